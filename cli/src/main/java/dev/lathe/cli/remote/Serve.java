package dev.lathe.cli.remote;

import dev.lathe.cli.client.JavaOptions;
import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.demo.LocalAgent;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The service, until this command is stopped. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Starts the service with its web pages, and stops it with Ctrl-C. Prints an address that lets",
      "one browser in; ./lathe key link prints another.",
      "Without a database's address (QUARKUS_DATASOURCE_JDBC_URL) it brings its own. It brings an",
      "agent, too, so that networks can be measured on this machine.",
      "",
      "Example: ./lathe serve --port 8080 --home /srv/lathe",
      "Example: ./lathe serve --host 0.0.0.0 --port 8443 --tls-certificate cert.pem --tls-key key.pem"
    })
public final class Serve implements Callable<Integer> {
  private static final long STOP_SECONDS = 40;
  private static final long POLL_MILLIS = 200;

  @Option(names = "--port", defaultValue = "8080", description = "to listen on; 8080 by default")
  private int port = 8080;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description =
          "address to listen on; 127.0.0.1 by default: this machine alone. Beyond it, keys travel as they are without TLS")
  private String host = "127.0.0.1";

  @Option(
      names = "--tls-certificate",
      paramLabel = "FILE",
      description =
          "speak TLS, and nothing else, with this certificate (PEM, those that vouch for it below); needs --tls-key")
  private @Nullable Path tlsCertificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "key of the certificate (PEM, PKCS #8, not encrypted)")
  private @Nullable Path tlsKey;

  @Option(
      names = "--data-root",
      paramLabel = "DIR",
      description =
          "folder below which ./lathe dataset register may name data sets; may be repeated; none by default")
  private List<Path> dataRoots = List.of();

  @Option(
      names = "--no-agent",
      description = "bring no agent: this machine is then no device of the service")
  private boolean withoutAgent;

  @Option(
      names = "--home",
      description = "where everything is kept; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Djava.awt.headless=true",
                "-Dquarkus.http.port=" + port,
                "-Dquarkus.http.host=" + host,
                "-Dlathe.parent=" + ProcessHandle.current().pid()));
    options.addAll(JavaOptions.ofUser());
    addPath(options, "lathe.tls.certificate", tlsCertificate);
    addPath(options, "lathe.tls.key", tlsKey);
    LocalHome local = LocalHome.of(Optional.ofNullable(home));
    if (!dataRoots.isEmpty()) {
      options.add(
          "-Dlathe.data.roots="
              + dataRoots.stream()
                  .map(root -> root.toAbsolutePath().normalize().toString())
                  .collect(Collectors.joining(":")));
    }
    List<String> command = ServiceJar.command(local, options);
    Instant start = Instant.now();
    Process service = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "stop-service"));
    Thread.ofVirtual().start(() -> tellLink(local, service, start));
    return service.waitFor();
  }

  /** Tells how a browser comes in, once the service is there. */
  private void tellLink(LocalHome local, Process service, Instant start) {
    try {
      Optional<URI> ready = awaitReady(local, service, start);
      if (ready.isEmpty()) {
        return;
      }
      URI address = ready.get();
      if (!withoutAgent) {
        bringAgent(local, address, service);
      }
      ServiceClient owner =
          new ServiceClient(address, local.key("admin", address).orElse(""), local.trust(address));
      System.out.printf("open it in a browser, once and within an hour: %s%n", owner.signInLink());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      System.err.println("lathe: no link for a browser can be made: " + e.getMessage());
    }
  }

  /** The address that the service tells, once it answers there; empty if it ended before. */
  private static Optional<URI> awaitReady(LocalHome local, Process service, Instant start)
      throws IOException, InterruptedException {
    while (local.addressSince(start).isEmpty()) {
      if (!service.isAlive()) {
        return Optional.empty();
      }
      Thread.sleep(POLL_MILLIS);
    }
    URI address = local.addressSince(start).orElseThrow();
    ServiceClient anyone = new ServiceClient(address, "", local.trust(address));
    while (!anyone.isReady()) {
      if (!service.isAlive()) {
        return Optional.empty();
      }
      Thread.sleep(POLL_MILLIS);
    }
    return Optional.of(address);
  }

  private static void addPath(List<String> options, String name, @Nullable Path file) {
    if (file != null) {
      options.add("-D%s=%s".formatted(name, file.toAbsolutePath().normalize()));
    }
  }

  /** This machine as a device of the service, for as long as the service runs. */
  private static void bringAgent(LocalHome local, URI address, Process service) {
    try {
      LocalAgent agent = LocalAgent.start(local.folder(), address);
      var unused = service.onExit().thenRun(agent::close);
      System.out.println("this machine is a device of the service: this-machine");
    } catch (IOException e) {
      System.err.println("lathe: no agent for this machine could be started: " + e.getMessage());
    }
  }

  private static void stop(Process service) {
    service.destroy();
    try {
      if (!service.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        service.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
