package dev.lathe.cli.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The service, until this command is stopped. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Starts the service with its web pages, and stops it with Ctrl-C.",
      "Without a database's address (QUARKUS_DATASOURCE_JDBC_URL) it brings its own.",
      "",
      "Example: ./lathe serve --port 8080 --home /srv/lathe"
    })
public final class Serve implements Callable<Integer> {
  private static final long STOP_SECONDS = 40;

  @Option(names = "--port", defaultValue = "8080", description = "to listen on; 8080 by default")
  private int port = 8080;

  @Option(
      names = "--home",
      description = "where everything is kept; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path jar =
        Path.of(
            System.getProperty("lathe.root", "."), "service/target/quarkus-app/quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new IOException("'%s' is missing. Maybe build with ./mvnw package.".formatted(jar));
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.awt.headless=true",
            "-Dquarkus.http.port=" + port,
            "-Dlathe.parent=" + ProcessHandle.current().pid()));
    if (home != null) {
      command.add("-Dlathe.home=" + home.toAbsolutePath().normalize());
    }
    command.add("-jar");
    command.add(jar.toString());
    Process service = new ProcessBuilder(command).inheritIO().start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service), "stop-service"));
    return service.waitFor();
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
