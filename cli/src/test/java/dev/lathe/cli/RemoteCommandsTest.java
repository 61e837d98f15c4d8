package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Commands against a service that answers from a list. */
class RemoteCommandsTest {
  /** A hash of nothing in particular. */
  private static final String SHA256 =
      "bc1cd63c0b6d6c0b1c0b1e22ae6e9b8b3d7ff5cf5f4ea8f9ea3e1b6bb0000000";

  @TempDir Path folder;
  private HttpServer server;
  private final Map<String, String> answers = new HashMap<>();
  private final List<String> requests = new ArrayList<>();
  private final StringWriter errors = new StringWriter();

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
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    requests.add(
        request + " " + exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
    String answer = answers.get(request);
    byte[] bytes =
        (answer == null ? "{\"detail\":\"there is nothing here.\"}" : answer)
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer == null ? 404 : 200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private int run(String... arguments) {
    CommandLine commandLine = Lathe.commandLine().setErr(new PrintWriter(errors));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--url");
    all.add("http://127.0.0.1:" + server.getAddress().getPort());
    all.add("--key-file");
    all.add(keyFile().toString());
    return commandLine.execute(all.toArray(String[]::new));
  }

  private Path keyFile() {
    try {
      return Files.writeString(folder.resolve("key"), "k");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void knowsArtifact(String sha256) {
    answers.put(
        "GET /api/v1/artifacts/12",
        """
        {"id":"12","name":"net/1","mediaType":"application/onnx","bytes":7,"sha256":"%s",
         "validationAccuracy":0.95,"testAccuracy":0.9,
         "latencies":[{"device":"pi","p50":4.5},{"device":"pi","p50":9.0}]}
        """
            .formatted(sha256));
  }

  @Test
  void gate_passesANetworkWithinItsLimits() {
    knowsArtifact(SHA256);

    assertThat(
            run(
                "gate",
                "--artifact",
                "12",
                "--device",
                "pi",
                "--max-latency-ms",
                "5",
                "--max-bytes",
                "7",
                "--min-accuracy",
                "0.9"))
        .isZero();
  }

  @Test
  void gate_stopsAtEachLimit() {
    knowsArtifact(SHA256);

    assertThat(run("gate", "--artifact", "12", "--device", "pi", "--max-latency-ms", "4.4"))
        .isEqualTo(3);
    assertThat(run("gate", "--artifact", "12", "--max-bytes", "6")).isEqualTo(3);
    assertThat(run("gate", "--artifact", "12", "--min-accuracy", "0.91")).isEqualTo(3);
    assertThat(errors.toString())
        .contains("latency@pi is 4.5, at most 4.4 allowed")
        .contains("bytes is 7, at most 6 allowed")
        .contains("accuracy is 0.9, at least 0.91 allowed");
  }

  @Test
  void gate_doesNotPassWhatItCannotJudge() {
    knowsArtifact(SHA256);

    assertThat(run("gate", "--artifact", "12", "--device", "phone", "--max-latency-ms", "5"))
        .isEqualTo(1);
    assertThat(run("gate", "--artifact", "13", "--max-bytes", "6")).isEqualTo(1);
    assertThat(run("gate", "--artifact", "12")).isEqualTo(2);
    assertThat(run("gate", "--artifact", "12", "--max-latency-ms", "5")).isEqualTo(2);
    assertThat(errors.toString()).contains("never measured on device 'phone'");
  }

  @Test
  void enrolmentToken_isKeptInAFileOfItsOwner() throws IOException {
    answers.put("POST /api/v1/enrolments", "{\"token\":\"enrol_x\",\"device\":\"board\"}");
    Path file = folder.resolve("token");

    assertThat(run("device", "enrol", "board", "--out", file.toString())).isZero();
    assertThat(file).hasContent("enrol_x");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(requests.getLast()).endsWith("{\"device\":\"board\"}");
  }

  @Test
  void artifact_isDownloadedAndChecked() throws IOException {
    Path file = folder.resolve("net.onnx");
    answers.put("GET /api/v1/artifacts/12/content", "abc");
    knowsArtifact("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(run("artifact", "get", "12", "--out", file.toString())).isZero();
    assertThat(file).hasContent("abc");

    knowsArtifact(SHA256);
    assertThat(run("artifact", "get", "12", "--out", file.toString())).isEqualTo(1);
    assertThat(errors.toString()).contains("SHA-256").contains("Maybe");
  }

  @Test
  void searchCreate_sendsWhatWasAsked() {
    answers.put("POST /api/v1/searches", "{\"id\":\"7\"}");

    assertThat(
            run(
                "search",
                "create",
                "--data",
                "builtin",
                "--seed",
                "3",
                "--minutes",
                "2.5",
                "--max-latency-ms",
                "4",
                "--set",
                "members=5"))
        .isZero();
    assertThat(requests)
        .containsExactly(
            "POST /api/v1/searches Bearer k {\"data\":\"builtin\",\"seed\":3,"
                + "\"budget\":{\"minutes\":2.5},"
                + "\"constraints\":[{\"metric\":\"latency\",\"atMost\":4.0}],"
                + "\"settings\":{\"members\":5}}");
  }

  @Test
  void searchCreate_sendsARequestFileAsItIs() throws IOException {
    answers.put("POST /api/v1/searches", "{\"id\":\"7\"}");
    String request =
        "{\"space\":{\"table\":\"tiny\"},\"method\":{\"name\":\"aging\"},\"budget\":{\"evaluations\":9}}";
    Path file = Files.writeString(folder.resolve("search.json"), request);

    assertThat(run("search", "create", "--request", file.toString())).isZero();
    assertThat(requests).containsExactly("POST /api/v1/searches Bearer k " + request);
    assertThat(run("search", "create", "--request", folder.resolve("none.json").toString()))
        .isEqualTo(1);
    assertThat(errors.toString()).contains("none.json").contains("Maybe");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"random\"",
        "{\"name\":\"aging\",\"population\":8}",
        "{\"name\":\"nsga2\",\"population\":12}",
        "\"unsga3\"",
        "{\"name\":\"predictor\",\"batch\":5}",
        "{\"name\":\"single-path\",\"targets\":[0.05,0.1]}",
        "{\"name\":\"netadapt\",\"target\":0.7}"
      })
  void request_isSentAsItIs_byBothCommands_whateverTheMethod(String method) throws IOException {
    answers.put("POST /api/v1/searches", "{\"id\":\"7\"}");
    answers.put("GET /api/v1/searches/7", "{\"state\":\"finished\",\"fraction\":1}");
    String request =
        "{\"seed\":4,\"data\":\"builtin\",\"devices\":[\"a\",\"b\"],"
            + "\"objectives\":[{\"maximize\":\"accuracy\"},{\"minimize\":\"latency@b\"}],"
            + "\"constraints\":[{\"metric\":\"peakMemory@a\",\"atMost\":60}],"
            + "\"method\":%s,\"forms\":[\"float32\",\"weights4\"],"
            + "\"budget\":{\"minutes\":3,\"evaluations\":9},\"settings\":{\"members\":2}}";
    request = request.formatted(method);
    String file = Files.writeString(folder.resolve("search.json"), request).toString();

    assertThat(run("search", "create", "--request", file)).isZero();
    assertThat(run("search", "--request", file)).isZero();
    assertThat(requests.stream().filter(one -> one.startsWith("POST")))
        .containsExactly(
            "POST /api/v1/searches Bearer k " + request,
            "POST /api/v1/searches Bearer k " + request);
  }

  @Test
  void searchWatch_endsWithTheSearchsFate() {
    answers.put("GET /api/v1/searches/7", "{\"state\":\"finished\",\"fraction\":1}");
    answers.put("GET /api/v1/searches/8", "{\"state\":\"failed\",\"error\":\"no images\"}");

    assertThat(run("search", "watch", "7")).isZero();
    assertThat(run("search", "watch", "8")).isEqualTo(1);
    assertThat(run("search", "watch", "9")).isEqualTo(1);
    assertThat(errors.toString()).contains("there is nothing here.");
  }

  @Test
  void wrongAddress_isWrongUsage() {
    int code =
        Lathe.commandLine()
            .setErr(new PrintWriter(errors))
            .execute("device", "list", "--url", "nonsense");

    assertThat(code).isEqualTo(2);
    assertThat(errors.toString()).contains("'nonsense'").contains("Maybe http://");
  }

  @Test
  void fileThatTheServiceKnows_isJudgedAsItsArtifact() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.onnx"), "abc");
    answers.put(
        "GET /api/v1/artifacts?sha256="
            + "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "[{\"id\":\"3\",\"bytes\":3}]");

    assertThat(run("gate", "--artifact", file.toString(), "--max-bytes", "3")).isZero();
    assertThat(run("gate", "--artifact", file.toString(), "--max-bytes", "2")).isEqualTo(3);
  }
}
