package dev.lathe.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged service as a process of its own, and a user of it. */
final class ServiceProcess implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration START_LIMIT = Duration.ofSeconds(120);

  final Path home;
  final int port;
  private final Path log;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();

  private ServiceProcess(Path home, int port, Path log, Process process) {
    this.home = home;
    this.port = port;
    this.log = log;
    this.process = process;
  }

  /** Starts the service on a home folder and waits until it is ready. */
  static ServiceProcess start(Path home, String... flags) throws Exception {
    return startOn(home, freePort(), flags);
  }

  /** Starts the service on a home folder and a port, and waits until it is ready. */
  static ServiceProcess startOn(Path home, int port, String... flags) throws Exception {
    Path log = home.resolve("service.log");
    Process process = launch(home, port, log, flags);
    ServiceProcess service = new ServiceProcess(home, port, log, process);
    service.awaitReady();
    return service;
  }

  /** Starts the service's process and does not wait. */
  static Process launch(Path home, int port, Path log, String... flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dlathe.home=" + home);
    command.add("-Dquarkus.http.port=" + port);
    command.addAll(List.of(flags));
    command.add("-jar");
    command.add(System.getProperty("service.jar"));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private void awaitReady() throws Exception {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (!process.isAlive()) {
        throw new AssertionError("the service died:\n" + Files.readString(log));
      }
      try {
        if (send("GET", "/q/health/ready", "").statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not up yet.
      }
      Thread.sleep(100);
    }
    process.destroyForcibly();
    throw new AssertionError("the service is not ready in time:\n" + Files.readString(log));
  }

  /** Sends a request as the home folder's administrator, once there is one. */
  HttpResponse<String> send(String verb, String path, String body) throws Exception {
    Path key = home.resolve("keys/admin.key");
    return send(verb, path, body, Files.exists(key) ? Files.readString(key).strip() : "");
  }

  /** Sends a request with a key, or without one if that is empty. */
  HttpResponse<String> send(String verb, String path, String body, String key) throws Exception {
    return http.send(request(verb, path, body, key), BodyHandlers.ofString());
  }

  /** Gets what is no text. */
  byte[] content(String path) throws Exception {
    String key = Files.readString(home.resolve("keys/admin.key")).strip();
    HttpResponse<byte[]> answer =
        http.send(request("GET", path, "", key), BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answers " + answer.statusCode());
    }
    return answer.body();
  }

  private HttpRequest request(String verb, String path, String body, String key) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .header("Content-Type", "application/json")
            .timeout(Duration.ofSeconds(60))
            .method(verb, BodyPublishers.ofString(body));
    return (key.isEmpty() ? request : request.header("Authorization", "Bearer " + key)).build();
  }

  JsonNode get(String path) throws Exception {
    return read(send("GET", path, ""));
  }

  JsonNode post(String path, String body) throws Exception {
    return read(send("POST", path, body));
  }

  private static JsonNode read(HttpResponse<String> answer) throws IOException {
    if (answer.statusCode() / 100 != 2) {
      throw new AssertionError(answer.statusCode() + " " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  /** Ends the service as the kernel would: no farewell. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks the service to stop, and waits. */
  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the service does not stop:\n" + log());
    }
  }
}
