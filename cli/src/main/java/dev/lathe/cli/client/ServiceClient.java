package dev.lathe.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.farm.agent.ServerTrust;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/** A client of the REST API under {@code /api/v1}. */
public final class ServiceClient {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration UPLOAD_TIMEOUT = Duration.ofHours(24);

  private final URI server;
  private final String key;
  private final HttpClient http;

  /** A client of a service that speaks plain HTTP, or is vouched for by those whom Java knows. */
  public ServiceClient(URI server, String key) {
    this(server, key, ServerTrust.usual());
  }

  /**
   * A client.
   *
   * @param server for example {@code http://127.0.0.1:8080}
   * @param key an API key; empty for what is open to everyone
   * @param trust by whom the service must be vouched for over TLS
   */
  public ServiceClient(URI server, String key, ServerTrust trust) {
    this.server = server;
    this.key = key;
    this.http = trust.http().connectTimeout(Duration.ofSeconds(10)).build();
  }

  /** The JSON at a path below {@code /api/v1}, for example {@code searches/3}. */
  public JsonNode get(String path) throws IOException {
    return read(send(request(path).GET()));
  }

  /** Posts JSON and gives the answer, an empty object if there is none. */
  public JsonNode post(String path, JsonNode body) throws IOException {
    return read(send(request(path).header("Content-Type", "application/json").POST(json(body))));
  }

  /** Posts JSON with further headers. */
  public JsonNode post(String path, JsonNode body, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request = request(path).header("Content-Type", "application/json");
    headers.forEach(request::header);
    return read(send(request.POST(json(body))));
  }

  /** Sends a file to a path, and gives the answer. */
  public JsonNode put(String path, String mediaType, Path file) throws IOException {
    return read(
        send(request(path).header("Content-Type", mediaType).PUT(BodyPublishers.ofFile(file))));
  }

  /** An address that lets one browser in, once and within an hour. */
  public URI signInLink() throws IOException {
    String secret = post("session/links", JSON.createObjectNode()).path("link").asText();
    return server.resolve("/#/link/" + secret);
  }

  /** Sends what is read from a stream, of any length. */
  public JsonNode put(String path, String mediaType, Supplier<InputStream> content)
      throws IOException {
    return read(
        send(
            request(path)
                .timeout(UPLOAD_TIMEOUT)
                .header("Content-Type", mediaType)
                .PUT(BodyPublishers.ofInputStream(content))));
  }

  /** Sends a file's bytes. */
  public JsonNode post(String path, String mediaType, Path file) throws IOException {
    return read(
        send(
            request(path)
                .timeout(UPLOAD_TIMEOUT)
                .header("Content-Type", mediaType)
                .POST(BodyPublishers.ofFile(file))));
  }

  /** Whether something lies at a path. */
  public boolean has(String path) throws IOException {
    HttpResponse<String> response = send(request(path).GET());
    if (response.statusCode() == 404) {
      return false;
    }
    var unused = read(response);
    return true;
  }

  /** Whether the service runs on this machine, as its address says. */
  public boolean isLocal() {
    String host = String.valueOf(server.getHost());
    return host.equals("localhost") || host.equals("127.0.0.1") || host.equals("[::1]");
  }

  /** An empty JSON object. */
  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Deletes what lies at a path. */
  public void delete(String path) throws IOException {
    read(send(request(path).DELETE()));
  }

  /** Downloads to a file, whole or not at all. */
  public void download(String path, Path file) throws IOException {
    Path partial = file.resolveSibling(file.getFileName() + ".partial");
    try {
      HttpResponse<Path> response =
          http.send(
              request(path).timeout(Duration.ofMinutes(10)).GET().build(),
              BodyHandlers.ofFile(partial));
      if (response.statusCode() != 200) {
        String problem = Files.readString(partial);
        throw refusal(response.statusCode(), problem);
      }
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  /** Whether the service says that it is ready. */
  public boolean isReady() {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve("/q/health/ready"))
              .timeout(Duration.ofSeconds(5))
              .build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(server.resolve("/api/v1/" + path)).timeout(TIMEOUT);
    if (!key.isEmpty()) {
      builder.header("Authorization", "Bearer " + key);
    }
    return builder;
  }

  private static BodyPublisher json(JsonNode body) throws IOException {
    return BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
    try {
      return http.send(request.build(), BodyHandlers.ofString());
    } catch (java.net.ConnectException e) {
      throw new IOException(
          "no service answers at %s. Maybe start one with ./lathe serve, or set LATHE_URL."
              .formatted(server),
          e);
    } catch (SSLException e) {
      throw new IOException(
          "%s is not trusted (%s). Maybe name its certificate or its authority's: --ca FILE, or LATHE_CA."
              .formatted(server, e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static JsonNode read(HttpResponse<String> response) throws IOException {
    if (response.statusCode() / 100 != 2) {
      throw refusal(response.statusCode(), response.body());
    }
    return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
  }

  /** The service's own words where it sends them (RFC 9457). */
  private static ServiceRefusal refusal(int status, String body) {
    try {
      JsonNode problem = JSON.readTree(body);
      String detail = problem.path("detail").asText(problem.path("title").asText(body));
      if (status == 401) {
        detail +=
            " Maybe name a key's file with --key-file, or the home folder of the service with LATHE_HOME.";
      }
      return new ServiceRefusal(status, detail);
    } catch (IOException e) {
      return new ServiceRefusal(status, "the service answered %d: %s".formatted(status, body));
    }
  }
}
