package dev.lathe.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Verdict;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.farm.message.ResultMessage;
import dev.lathe.service.store.ArtifactFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** Speaks the farm's protocol, step by step, as an agent would. */
final class TestAgent {
  static final ObjectMapper JSON = FarmJson.mapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI service;
  private final String key;
  final String name;
  final String deviceId;

  TestAgent(URI service, String key, String name) throws Exception {
    this(service, key, name, "elsewhere");
  }

  TestAgent(URI service, String key, String name, String host) throws Exception {
    this(service, key, name, host, 1);
  }

  /** An agent that measures with so many threads. */
  TestAgent(URI service, String key, String name, String host, int measuredThreads)
      throws Exception {
    this.service = service;
    this.key = key;
    this.name = name;
    String body =
        """
        {"name":"%s","backend":"test","host":"%s","runtime":"test 1","threads":2,
         "processor":"p","memoryBytes":1,"version":"1","measuredThreads":%d}
        """
            .formatted(name, host, measuredThreads);
    HttpResponse<String> answer = post("/api/v1/agents", body, key);
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.body());
    }
    deviceId = JSON.readTree(answer.body()).get("deviceId").asText();
  }

  /** Claims a job; empty if there was none. */
  Optional<JsonNode> claim(int waitSeconds) throws Exception {
    HttpResponse<String> answer =
        post(
            "/api/v1/agents/" + deviceId + "/claim",
            "{\"waitSeconds\":%d}".formatted(waitSeconds),
            key);
    return switch (answer.statusCode()) {
      case 200 -> Optional.of(JSON.readTree(answer.body()));
      case 204 -> Optional.empty();
      default -> throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    };
  }

  HttpResponse<byte[]> model(JsonNode job) throws Exception {
    return http.send(
        request(job.get("model").get("url").asText(), job.get("token").asText()).GET().build(),
        BodyHandlers.ofByteArray());
  }

  HttpResponse<String> renew(JsonNode job) throws Exception {
    return post("/api/v1/leases/" + job.get("leaseId").asText() + "/renew", "", key);
  }

  /** A body for a result: 64 samples of that latency. */
  static byte[] measured(JsonNode job, double millis) throws IOException {
    return measured(job, millis, Verdict.noisy("others ran"));
  }

  static byte[] measured(JsonNode job, double millis, Verdict verdict) throws IOException {
    double[] samples = new double[64];
    Arrays.fill(samples, millis);
    return JSON.writeValueAsBytes(
        ResultMessage.of(
            job.get("fencing").asLong(),
            new Outcome.Measured(
                Measurement.of(
                        "test 1",
                        1,
                        1,
                        10,
                        "quick",
                        samples,
                        1,
                        1.01,
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Map.of("governor", "none"))
                    .with(Map.of("energy", 3.5), verdict))));
  }

  static byte[] failed(JsonNode job, FailureKind kind) throws IOException {
    return JSON.writeValueAsBytes(
        ResultMessage.of(job.get("fencing").asLong(), new Outcome.Failed(kind, "it failed")));
  }

  HttpResponse<String> submit(JsonNode job, byte[] body) throws Exception {
    return submit(job, body, ArtifactFiles.sha256(body));
  }

  HttpResponse<String> submit(JsonNode job, byte[] body, String sha256) throws Exception {
    return http.send(
        request("/api/v1/leases/" + job.get("leaseId").asText() + "/result", key)
            .header("Content-Type", "application/json")
            .header("Content-SHA256", sha256)
            .PUT(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body, String bearer) throws Exception {
    return http.send(
        request(path, bearer)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String bearer) {
    return HttpRequest.newBuilder(service.resolve(path))
        .header("Authorization", "Bearer " + bearer);
  }
}
