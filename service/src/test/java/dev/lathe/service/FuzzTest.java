package dev.lathe.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.LeaseRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Sends what nobody should: requests made from the service's own OpenAPI document, with values at
 * and beyond every edge. The answer is a result or says what was wrong; never a failure of the
 * service, never silence.
 */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class FuzzTest {
  private static final int REQUESTS = 5000;
  private static final long SEED = 20261127;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "a",
          "builtin",
          "cpu",
          "mobile-28",
          "null",
          "true",
          "-1",
          "1e999",
          "NaN",
          "../../etc/passwd",
          "/proc/self/fd/0",
          "folder:/etc",
          "dataset:x",
          "a\u0000b",
          "\ud800",
          "\u202e\u0007\r\n",
          "' or 1=1 --",
          "${jndi:ldap://x}",
          "ü€😀",
          "0".repeat(64),
          "x".repeat(300),
          "y".repeat(100_000));
  private static final List<Object> NUMBERS =
      List.of(
          0,
          1,
          -1,
          2,
          7,
          10_000,
          300_000,
          1_000_000,
          Integer.MAX_VALUE,
          Integer.MIN_VALUE,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          1e308,
          -0.0,
          0.5,
          1e-320);
  private static final List<String> IN_PATH =
      List.of(
          "0",
          "1",
          "2",
          "-1",
          "99999999",
          "9223372036854775807",
          "9223372036854775808",
          "abc",
          "%00",
          "..%2f..",
          "%F0%9F%98%80",
          "a%20b",
          "x".repeat(3000),
          "1.5",
          "0x10");

  @TestHTTPResource("/")
  URI service;

  private final HttpClient http = HttpClient.newHttpClient();
  private final Random random = new Random(SEED);
  private JsonNode document;
  private long lastDevice;

  @Inject Searches searches;

  private record Operation(String verb, String path, JsonNode definition) {}

  /** Other tests share the service: what was launched here would stand in their way. */
  @AfterEach
  void clear() {
    List<Long> unfinished =
        QuarkusTransaction.requiringNew()
            .call(
                () ->
                    SearchRow.<SearchRow>list(
                            "state not in ?1",
                            List.of(
                                SearchState.FINISHED, SearchState.FAILED, SearchState.CANCELLED))
                        .stream()
                        .map(SearchRow::number)
                        .toList());
    unfinished.forEach(searches::cancel);
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              LeaseRow.delete("deviceId > ?1", lastDevice);
              JobRow.delete("deviceId > ?1", lastDevice);
              DeviceRow.delete("id > ?1", lastDevice);
            });
  }

  @Test
  void whateverIsSent_isAnsweredWithAResultOrTheReason() throws Exception {
    lastDevice =
        QuarkusTransaction.requiringNew()
            .call(
                () ->
                    DeviceRow.<DeviceRow>find("order by id desc")
                        .firstResultOptional()
                        .map(DeviceRow::number)
                        .orElse(0L));
    document = JSON.readTree(get("/q/openapi?format=json"));
    List<Operation> operations = operations();
    assertThat(operations).hasSizeGreaterThan(35);
    Map<Integer, Integer> answers = new TreeMap<>();
    List<String> failures = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      Operation operation = operations.get(i % operations.size());
      HttpRequest request = request(operation);
      String told = request.method() + " " + shortened(request.uri().toString());
      try {
        HttpResponse<java.io.InputStream> answer = answer(request);
        answers.merge(answer.statusCode(), 1, Integer::sum);
        String body =
            answer.headers().firstValue("Content-Type").orElse("").contains("event-stream")
                ? ""
                : new String(answer.body().readNBytes(10_000), StandardCharsets.UTF_8);
        answer.body().close();
        if (answer.statusCode() >= 500) {
          failures.add(told + " → " + answer.statusCode() + " " + shortened(body));
        }
        assertThat(body).as(told).doesNotContain("\tat dev.lathe", "Exception:");
      } catch (IOException e) {
        failures.add(told + " → " + e);
      }
    }
    System.out.printf("fuzz: %d requests, answers %s%n", REQUESTS, answers);
    assertThat(failures).isEmpty();
    assertThat(answers.keySet()).contains(200, 400, 404);
  }

  /**
   * A connection kept from an earlier request may be closed by the service just as this one is
   * written to it (RFC 9112, 9.3.1): then the request goes again, on a connection of its own, where
   * silence is the service's fault.
   */
  private HttpResponse<java.io.InputStream> answer(HttpRequest request) throws Exception {
    try {
      return http.send(request, BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      throw e;
    } catch (IOException closed) {
      return HttpClient.newHttpClient().send(request, BodyHandlers.ofInputStream());
    }
  }

  private String get(String path) throws Exception {
    return http.send(HttpRequest.newBuilder(service.resolve(path)).build(), BodyHandlers.ofString())
        .body();
  }

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    document
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        verb -> {
                          // What would end the test's own key, or wait for a job that never comes.
                          boolean own =
                              verb.getKey().equals("delete")
                                  && path.getKey().startsWith("/api/v1/keys");
                          if (!own && path.getKey().startsWith("/api/")) {
                            operations.add(
                                new Operation(
                                    verb.getKey().toUpperCase(java.util.Locale.ROOT),
                                    path.getKey(),
                                    verb.getValue()));
                          }
                        }));
    return operations;
  }

  private HttpRequest request(Operation operation) {
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    List<String[]> headers = new ArrayList<>();
    for (JsonNode parameter : operation.definition().path("parameters")) {
      String name = parameter.path("name").asText();
      switch (parameter.path("in").asText()) {
        case "path" -> path = path.replace("{" + name + "}", pick(IN_PATH));
        case "query" -> {
          if (random.nextBoolean()) {
            query.append(query.isEmpty() ? '?' : '&').append(name).append('=').append(encoded());
          }
        }
        case "header" -> {
          if (random.nextBoolean()) {
            headers.add(new String[] {name, inHeader()});
          }
        }
        default -> {}
      }
    }
    path = path.replaceAll("\\{[^}]*}", "1");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service.resolve("/") + path.substring(1) + query))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + OwnersKey.text());
    headers.forEach(header -> request.header(header[0], header[1]));
    JsonNode content = operation.definition().path("requestBody").path("content");
    if (content.isEmpty()) {
      return request.method(operation.verb(), BodyPublishers.noBody()).build();
    }
    String type = content.fieldNames().next();
    return request
        .header("Content-Type", type)
        .method(
            operation.verb(),
            BodyPublishers.ofByteArray(body(content.path(type).path("schema"), operation.path())))
        .build();
  }

  private String encoded() {
    String text = random.nextBoolean() ? String.valueOf(pick(NUMBERS)) : pick(TEXTS);
    return URLEncoder.encode(
        text.length() > 3000 ? text.substring(0, 3000) : text, StandardCharsets.UTF_8);
  }

  private String inHeader() {
    return switch (random.nextInt(4)) {
      case 0 -> "k" + random.nextInt(20);
      case 1 -> "x".repeat(6000);
      case 2 -> " ";
      default -> "0".repeat(64);
    };
  }

  private byte[] body(JsonNode schema, String path) {
    String text =
        switch (random.nextInt(12)) {
          case 0 -> "null";
          case 1 -> "";
          case 2 -> "{";
          case 3 -> "[]";
          case 4 -> "\"text\"";
          case 5 -> "[".repeat(20_000);
          default -> value(schema, 0).toString();
        };
    if (path.endsWith("/claim")) {
      text = text.replaceAll("\"waitSeconds\":[^,}]*", "\"waitSeconds\":0");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(20) == 0 && bytes.length > 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private JsonNode value(JsonNode given, int depth) {
    JsonNode schema = given;
    if (schema.has("$ref")) {
      String name = schema.path("$ref").asText().replace("#/components/schemas/", "");
      schema = document.path("components").path("schemas").path(name);
    }
    if (schema.has("anyOf")) {
      return value(schema.path("anyOf").path(random.nextInt(schema.path("anyOf").size())), depth);
    }
    if (depth > 6 || random.nextInt(10) == 0) {
      return odd();
    }
    if (schema.has("enum") && random.nextInt(4) > 0) {
      return schema.path("enum").path(random.nextInt(schema.path("enum").size()));
    }
    String type =
        schema.path("type").isArray()
            ? schema.path("type").path(0).asText()
            : schema.path("type").asText();
    return switch (type) {
      case "object" -> object(schema, depth);
      case "array" -> {
        ArrayNode array = JSON.createArrayNode();
        for (int i = random.nextInt(4); i > 0; i--) {
          array.add(value(schema.path("items"), depth + 1));
        }
        yield array;
      }
      case "integer", "number" -> JSON.valueToTree(pick(NUMBERS));
      case "boolean" -> JSON.valueToTree(random.nextBoolean());
      default -> JSON.valueToTree(pick(TEXTS));
    };
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = JSON.createObjectNode();
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              if (random.nextInt(4) > 0) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
              }
            });
    if (random.nextInt(10) == 0) {
      object.put(pick(TEXTS), pick(TEXTS));
    }
    return object;
  }

  private JsonNode odd() {
    return switch (random.nextInt(6)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.createArrayNode();
      case 2 -> JSON.createObjectNode();
      case 3 -> JSON.valueToTree(pick(TEXTS));
      case 4 -> JSON.valueToTree(pick(NUMBERS));
      default -> JSON.valueToTree(true);
    };
  }

  private <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  private static String shortened(String text) {
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }
}
