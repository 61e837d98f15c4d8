package dev.lathe.farm.agent;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Whether a service can be reached and takes a key, found out without changing anything there. */
public final class ServiceCheck {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private ServiceCheck() {}

  /** What is wrong; empty if nothing is. */
  public static Optional<String> problem(URI server, ServerTrust trust, Optional<String> key)
      throws InterruptedException {
    if (server.getHost() == null) {
      return Optional.of(
          "'%s' is no address of a service. Maybe write it as http://HOST:PORT.".formatted(server));
    }
    if (key.isEmpty()) {
      return Optional.of("there is no key. Maybe pass --key-file FILE, or set LATHE_KEY_FILE.");
    }
    try (HttpClient http = trust.http().connectTimeout(LIMIT).build()) {
      // A claim for a device that cannot exist: 404 if the key is taken, 401 or 403 if it is not.
      int status =
          http.send(
                  HttpRequest.newBuilder(server.resolve("/api/v1/agents/0/claim"))
                      .timeout(LIMIT)
                      .header("Authorization", "Bearer " + key.get())
                      .header("Content-Type", "application/json")
                      .POST(BodyPublishers.ofString("{\"waitSeconds\":0}"))
                      .build(),
                  BodyHandlers.discarding())
              .statusCode();
      return switch (status) {
        case 200, 204, 404 -> Optional.empty();
        case 401 -> Optional.of("%s does not know the key".formatted(server));
        case 403 -> Optional.of("%s: the key is not one of the scope 'agent'".formatted(server));
        default -> Optional.of("%s answers with status %d".formatted(server, status));
      };
    } catch (SSLException e) {
      return Optional.of(
          "%s is not trusted (%s). Maybe name its certificate or its authority's: --ca FILE"
              .formatted(server, e.getMessage()));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.of(
          "%s cannot be reached (%s). Maybe it is not running."
              .formatted(server, e.getClass().getSimpleName()));
    }
  }
}
