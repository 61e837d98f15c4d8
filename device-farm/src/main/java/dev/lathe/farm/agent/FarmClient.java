package dev.lathe.farm.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.message.ClaimRequest;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.farm.message.LeasedJob;
import dev.lathe.farm.message.RegisteredAgent;
import dev.lathe.farm.message.RenewedLease;
import dev.lathe.farm.message.ResultMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * The requests of an agent, each made once. An {@link IOException} means that asking again may help
 * (the network, 429, 5xx, an answer that cannot be understood), a {@link RefusedException} that it
 * will not.
 */
final class FarmClient implements AutoCloseable {
  private final ObjectMapper mapper = FarmJson.mapper();
  private final AgentSettings settings;
  private final HttpClient http;

  FarmClient(AgentSettings settings) {
    this.settings = settings;
    this.http =
        settings
            .trust()
            .http()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(settings.requestTimeout())
            .build();
  }

  RegisteredAgent register(AgentRegistration registration)
      throws IOException, RefusedException, InterruptedException {
    HttpRequest request = post(at("/api/v1/agents"), settings.key(), registration);
    return read(exchange(request, settings.requestTimeout()), RegisteredAgent.class);
  }

  Optional<LeasedJob> claim(String deviceId)
      throws IOException, RefusedException, InterruptedException {
    HttpRequest request =
        post(
            at("/api/v1/agents/" + deviceId + "/claim"),
            settings.key(),
            new ClaimRequest(settings.claimSeconds()));
    Duration limit = Duration.ofSeconds(settings.claimSeconds()).plus(settings.requestTimeout());
    HttpResponse<byte[]> response = exchange(request, limit);
    return response.statusCode() == 204
        ? Optional.empty()
        : Optional.of(read(response, LeasedJob.class));
  }

  byte[] model(LeasedJob job) throws IOException, RefusedException, InterruptedException {
    URI address = settings.server().resolve(job.model().url());
    if (!address.getAuthority().equals(settings.server().getAuthority())) {
      throw new RefusedException(
          0, "model %s lies at another host, %s.".formatted(job.model().sha256(), address));
    }
    HttpRequest request = to(address, job.token()).GET().build();
    return exchange(request, settings.requestTimeout()).body();
  }

  RenewedLease renew(LeasedJob job) throws IOException, RefusedException, InterruptedException {
    HttpRequest request =
        to(at("/api/v1/leases/" + job.leaseId() + "/renew"), job.token())
            .POST(BodyPublishers.noBody())
            .build();
    return read(exchange(request, settings.requestTimeout()), RenewedLease.class);
  }

  void submit(SpooledResult result) throws IOException, RefusedException, InterruptedException {
    HttpRequest request =
        to(at("/api/v1/leases/" + result.leaseId() + "/result"), result.token())
            .header("Content-Type", "application/json")
            .header(ResultMessage.HASH_HEADER, result.sha256())
            .PUT(BodyPublishers.ofString(result.body()))
            .build();
    exchange(request, settings.requestTimeout());
  }

  private URI at(String path) {
    return settings.server().resolve(path);
  }

  private HttpRequest post(URI address, String key, Object body) {
    try {
      return to(address, key)
          .header("Content-Type", "application/json")
          .POST(BodyPublishers.ofByteArray(mapper.writeValueAsBytes(body)))
          .build();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a request cannot be written as JSON", e);
    }
  }

  private static HttpRequest.Builder to(URI address, String key) {
    return HttpRequest.newBuilder(address)
        .header("Authorization", "Bearer " + key)
        .header("Accept", "application/json, application/octet-stream, application/problem+json");
  }

  /** Sends a request; the limit covers the whole answer, its body too. */
  private HttpResponse<byte[]> exchange(HttpRequest request, Duration limit)
      throws IOException, RefusedException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> future =
        http.sendAsync(request, BodyHandlers.ofByteArray());
    HttpResponse<byte[]> response;
    try {
      response = future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new IOException(
          "%s gave no answer within %d ms".formatted(request.uri().getPath(), limit.toMillis()), e);
    } catch (ExecutionException e) {
      throw new IOException(
          "%s %s failed: %s"
              .formatted(request.method(), request.uri().getPath(), reason(e.getCause())),
          e);
    } catch (InterruptedException e) {
      future.cancel(true);
      throw e;
    }
    int status = response.statusCode();
    if (status / 100 == 2) {
      return response;
    }
    String text =
        "%s %s was answered with %d: %s"
            .formatted(request.method(), request.uri().getPath(), status, detail(response));
    if (status == 429 || status >= 500) {
      throw new IOException(text);
    }
    throw new RefusedException(status, text);
  }

  private static String reason(Throwable cause) {
    String text =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return cause instanceof SSLException
        ? text + ". Maybe name the service's certificate or its authority's: --ca FILE"
        : text;
  }

  /** The detail of a problem document, or the beginning of whatever was sent. */
  private String detail(HttpResponse<byte[]> response) {
    String body = new String(response.body(), StandardCharsets.UTF_8);
    try {
      JsonNode problem = mapper.readTree(body);
      String detail = problem.path("detail").asText(problem.path("title").asText(""));
      if (!detail.isEmpty()) {
        return detail;
      }
    } catch (JsonProcessingException e) {
      return body.substring(0, Math.min(200, body.length()));
    }
    return body.substring(0, Math.min(200, body.length()));
  }

  private <T> T read(HttpResponse<byte[]> response, Class<T> type) throws IOException {
    try {
      T value = mapper.readValue(response.body(), type);
      if (value == null) {
        throw new IOException("%s was answered with nothing".formatted(response.uri().getPath()));
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IOException(
          "the answer of %s cannot be understood: %s"
              .formatted(response.uri().getPath(), e.getOriginalMessage()),
          e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
