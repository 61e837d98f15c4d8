package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.JavaOptions;
import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A service with its database and an agent on this machine, for as long as this object is open. */
final class LocalLathe implements AutoCloseable {
  static final String DEVICE = LocalAgent.DEVICE;
  private static final long START_SECONDS = 120;

  /** For a service before that is still ending. */
  private static final int PATIENCE_SECONDS = 20;

  private final ChildJvm service;
  private final LocalAgent agent;
  private final ServiceClient client;
  private final URI address;

  private LocalLathe(ChildJvm service, LocalAgent agent, ServiceClient client, URI address) {
    this.service = service;
    this.agent = agent;
    this.client = client;
    this.address = address;
  }

  /**
   * Starts both and waits until the service is ready.
   *
   * @param dataRoots folders below which data sets may be registered
   * @throws IOException with the reason why one of them does not start
   */
  static LocalLathe start(Path home, List<Path> dataRoots) throws IOException {
    Path root = Path.of(System.getProperty("lathe.root", "."));
    Path jar = root.resolve("service/target/quarkus-app/quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new IOException("'%s' is missing. Maybe build with ./mvnw package.".formatted(jar));
    }
    int port = freePort();
    URI address = URI.create("http://127.0.0.1:" + port);
    List<String> options = new ArrayList<>(List.of("-Xmx1g"));
    options.addAll(JavaOptions.ofUser());
    options.addAll(
        List.of(
            "-Dlathe.home=" + home,
            "-Dquarkus.http.port=" + port,
            "-Dlathe.home.patience=" + PATIENCE_SECONDS,
            "-Dlathe.data.roots="
                + dataRoots.stream().map(Path::toString).collect(Collectors.joining(":")),
            "-jar",
            jar.toString()));
    ChildJvm service = ChildJvm.start("service", home.resolve("logs/service.log"), options);
    try {
      ServiceClient anonymous = new ServiceClient(address, "");
      long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
      while (!anonymous.isReady()) {
        service.requireAlive();
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "the service is not ready after %d s. Maybe look at %s."
                  .formatted(START_SECONDS, home.resolve("logs/service.log")));
        }
        pause(100);
      }
      ServiceClient client = new ServiceClient(address, LocalHome.read(keyFile(home, "admin")));
      LocalAgent agent = LocalAgent.start(home, address);
      awaitDevice(client, agent, home);
      return new LocalLathe(service, agent, client, address);
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
  }

  /** A search on a device that is not there is refused: waits until the agent has come. */
  private static void awaitDevice(ServiceClient client, LocalAgent agent, Path home)
      throws IOException {
    long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    while (true) {
      for (JsonNode device : client.get("devices")) {
        if (device.path("name").asText().equals(DEVICE)
            && !device.path("state").asText().equals("offline")) {
          return;
        }
      }
      agent.requireAlive();
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "the agent of this machine has not come after %d s. Maybe look at %s."
                .formatted(START_SECONDS, LocalAgent.log(home)));
      }
      pause(100);
    }
  }

  private static Path keyFile(Path home, String name) {
    return home.resolve("keys").resolve(name + ".key");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  ServiceClient client() {
    return client;
  }

  URI address() {
    return address;
  }

  /** Fails if service or agent has ended. */
  void requireAlive() throws IOException {
    service.requireAlive();
    agent.requireAlive();
  }

  @Override
  public void close() {
    agent.close();
    service.close();
  }
}
