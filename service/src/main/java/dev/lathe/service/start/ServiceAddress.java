package dev.lathe.service.start;

import dev.lathe.service.store.OwnersFile;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Where the service listens, as the file {@code address} in the home folder while it runs. The
 * commands of the home's owner look there, and send the home's keys to no other address.
 */
@ApplicationScoped
class ServiceAddress {
  private final Path file;
  private final String host;
  private final int port;

  ServiceAddress(
      @ConfigProperty(name = "lathe.home") Path home,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "quarkus.http.port") int port) {
    this.file = home.resolve("address");
    this.host = host;
    this.port = port;
  }

  void start(@Observes StartupEvent event) throws IOException {
    boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
    OwnersFile.write(
        file, List.of("http://%s:%d".formatted(everywhere ? "127.0.0.1" : host, port)));
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    Files.deleteIfExists(file);
  }
}
