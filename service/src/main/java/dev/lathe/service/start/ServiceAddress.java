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
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Where the service listens, as the file {@code address} in the home folder while it runs, and by
 * which certificate it is known, if it speaks TLS. The commands of the home's owner look there, and
 * send the home's keys to no other address.
 */
@ApplicationScoped
class ServiceAddress {
  private final Path file;
  private final Path certificate;
  private final String host;
  private final int port;
  private final Optional<Path> tls;

  ServiceAddress(
      @ConfigProperty(name = "lathe.home") Path home,
      @ConfigProperty(name = "quarkus.http.host") String host,
      @ConfigProperty(name = "quarkus.http.port") int port,
      @ConfigProperty(name = TlsFiles.CERTIFICATE) Optional<String> tls) {
    this.file = home.resolve("address");
    this.certificate = home.resolve("certificate.pem");
    this.host = host;
    this.port = port;
    this.tls = tls.map(Path::of);
  }

  void start(@Observes StartupEvent event) throws IOException {
    boolean everywhere = host.equals("0.0.0.0") || host.equals("::");
    String here = everywhere ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host;
    Files.deleteIfExists(certificate); // of a service that was killed
    if (tls.isPresent()) {
      OwnersFile.write(certificate, Files.readAllLines(tls.get()));
    }
    OwnersFile.write(
        file, List.of("%s://%s:%d".formatted(tls.isPresent() ? "https" : "http", here, port)));
  }

  void stop(@Observes ShutdownEvent event) throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(certificate);
  }
}
