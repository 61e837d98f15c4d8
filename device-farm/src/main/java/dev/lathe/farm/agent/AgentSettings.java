package dev.lathe.farm.agent;

import dev.lathe.farm.message.ClaimRequest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How an agent reaches its service.
 *
 * @param server address of the service, for example {@code http://localhost:8080}
 * @param trust by whom the service must be vouched for over TLS
 * @param key the agent's API key
 * @param name of the device, unique within the service
 * @param measuredThreads threads of the runtime with which every network is measured, 1 to 256
 * @param home folder for the cache of models and the results not yet acknowledged
 * @param claimSeconds how long one claim waits for a job, 0 to 25
 * @param requestTimeout after which any other request counts as failed
 * @param firstPause before a failed request is tried again; doubles up to a hundredfold
 */
public record AgentSettings(
    URI server,
    ServerTrust trust,
    String key,
    String name,
    int measuredThreads,
    Path home,
    int claimSeconds,
    Duration requestTimeout,
    Duration firstPause) {

  public AgentSettings {
    if (server.getHost() == null
        || !("http".equals(server.getScheme()) || "https".equals(server.getScheme()))) {
      throw new IllegalArgumentException(
          "'%s' is no address of a service. Maybe write it as http://HOST:PORT.".formatted(server));
    }
    if (measuredThreads < 1 || measuredThreads > 256) {
      throw new IllegalArgumentException(
          "a device measures with 1 to 256 threads, not %d.".formatted(measuredThreads));
    }
    if (claimSeconds < 0 || claimSeconds > ClaimRequest.MAX_WAIT_SECONDS) {
      throw new IllegalArgumentException(
          "a claim waits 0 to %d seconds, not %d."
              .formatted(ClaimRequest.MAX_WAIT_SECONDS, claimSeconds));
    }
    if (!requestTimeout.isPositive() || !firstPause.isPositive()) {
      throw new IllegalArgumentException(
          "time limit and pause of requests must be positive, not %s and %s."
              .formatted(requestTimeout, firstPause));
    }
  }

  /** Claims of 25 seconds, a limit of 30 seconds, a first pause of 100 milliseconds. */
  public static AgentSettings usual(
      URI server, ServerTrust trust, String key, String name, int measuredThreads, Path home) {
    return new AgentSettings(
        server,
        trust,
        key,
        name,
        measuredThreads,
        home,
        ClaimRequest.MAX_WAIT_SECONDS,
        Duration.ofSeconds(30),
        Duration.ofMillis(100));
  }

  /** The settings without the key. */
  @Override
  public String toString() {
    return "AgentSettings[%s, %s, %s]".formatted(server, name, home);
  }
}
