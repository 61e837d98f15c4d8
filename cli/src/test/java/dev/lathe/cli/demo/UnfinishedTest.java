package dev.lathe.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.cli.client.ServiceClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was stopped, against a service that answers from a text. */
class UnfinishedTest {
  private static final String SEARCHES =
      """
      {"items": [
        {"id": "4", "name": "done", "state": "finished", "fraction": 1, "request": {"seed": 1, "data": "a"}},
        {"id": "3", "name": "mine", "state": "paused", "fraction": 0.4,
         "request": {"seed": 1, "data": "a", "budget": {"minutes": 2.0, "spentSeconds": 7.5}}},
        {"id": "2", "name": "other", "state": "running", "fraction": 0.2, "request": {"seed": 2, "data": "a"}}]}
      """;

  private final List<String> requests = new ArrayList<>();
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
    boolean list = exchange.getRequestMethod().equals("GET");
    byte[] bytes = (list ? SEARCHES : "{}").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void sameRequest_isFoundWheneverItWasLaunched_andOthersArePaused() throws IOException {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    Unfinished unfinished = Unfinished.of(new ServiceClient(address, ""));
    JsonNode asked =
        new ObjectMapper()
            .readTree("{\"seed\": 1, \"data\": \"a\", \"budget\": {\"minutes\": 2.0}}");

    JsonNode same = unfinished.like(asked).orElseThrow();
    assertThat(same.path("id").asText()).isEqualTo("3");
    assertThat(unfinished.like(new ObjectMapper().readTree("{\"seed\": 1, \"data\": \"a\"}")))
        .as("what is finished is not gone on with")
        .isEmpty();

    unfinished.resume(same);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    unfinished.pauseOthers("3", new PrintStream(out, true, StandardCharsets.UTF_8));
    assertThat(requests)
        .containsExactly(
            "GET /api/v1/searches",
            "POST /api/v1/searches/3/resume",
            "POST /api/v1/searches/2/pause");
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("search 2 (other, 20 %)");
  }
}
