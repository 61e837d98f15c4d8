package dev.lathe.cli.client;

import dev.lathe.farm.agent.ServerTrust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * The home folder of a service on this machine, as far as the commands of its owner read it: where
 * the service listens, and the keys to it.
 */
public record LocalHome(Path folder) {
  /**
   * The folder asked for, else {@code LATHE_HOME}, else {@code .lathe} in the user's own folder.
   */
  public static LocalHome of(Optional<Path> wanted) {
    return new LocalHome(
        wanted
            .or(
                () ->
                    Optional.ofNullable(System.getenv("LATHE_HOME"))
                        .filter(text -> !text.isBlank())
                        .map(Path::of))
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".lathe"))
            .toAbsolutePath()
            .normalize());
  }

  /** Where the service of this home listens, if it runs. */
  public Optional<URI> address() {
    try {
      return Optional.of(URI.create(Files.readString(folder.resolve("address")).strip()));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Likewise, if that service told it since a moment: an older one may have been killed and not
   * have taken its address away.
   */
  public Optional<URI> addressSince(Instant moment) throws IOException {
    Path file = folder.resolve("address");
    return Files.exists(file) && Files.getLastModifiedTime(file).toInstant().isAfter(moment)
        ? address()
        : Optional.empty();
  }

  /**
   * The certificate of this home's service, if that speaks TLS: in the file, which is there while
   * it runs.
   *
   * @return empty unless the server is the one of this home
   */
  public Optional<Path> certificate(URI server) {
    Path file = folder.resolve("certificate.pem");
    return isOwn(server) && Files.isReadable(file) ? Optional.of(file) : Optional.empty();
  }

  /** By whom a server must be vouched for: that of this home by its own certificate. */
  public ServerTrust trust(URI server) throws IOException {
    Optional<Path> own = certificate(server);
    return own.isPresent() ? ServerTrust.of(own.get()) : ServerTrust.usual();
  }

  /**
   * A key of this home, {@code admin} or {@code agent}, for a server.
   *
   * @return empty unless the server is the one of this home: no other is told its keys
   */
  public Optional<String> key(String name, URI server) throws IOException {
    Path file = folder.resolve("keys").resolve(name + ".key");
    return isOwn(server) && Files.isReadable(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /**
   * The key in a file.
   *
   * @throws IOException naming the file if it cannot be read
   */
  public static String read(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new IOException(
          "key file '%s' cannot be read (%s). Maybe make it: ./lathe key create NAME --out %s"
              .formatted(file, e.getClass().getSimpleName(), file),
          e);
    }
  }

  private boolean isOwn(URI server) {
    return address().filter(address -> isSame(address, server)).isPresent();
  }

  private static boolean isSame(URI one, URI other) {
    return host(one).equals(host(other)) && port(one) == port(other);
  }

  private static String host(URI address) {
    String host = String.valueOf(address.getHost());
    return host.equals("localhost") ? "127.0.0.1" : host;
  }

  private static int port(URI address) {
    if (address.getPort() != -1) {
      return address.getPort();
    }
    return "https".equals(address.getScheme()) ? 443 : 80;
  }
}
