package dev.lathe.cli.remote;

import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.farm.agent.ServerTrust;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Options that say which service is asked, and with which key. */
public final class Connection {
  private static final String USUAL = "http://127.0.0.1:8080";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "address of the service; LATHE_URL, the one that runs on your home folder, or "
              + USUAL
              + " by default")
  private @Nullable String url;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "file with an API key; LATHE_KEY_FILE, or the key in LATHE_KEY, by default; for the service of your own home folder none is needed")
  private @Nullable Path keyFile;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate of a service over TLS, or its authority's; LATHE_CA, or the authorities that Java knows, by default; for the service of your own home folder none is needed")
  private @Nullable Path ca;

  /** The connection to a service that is named outside of this command's own options. */
  static Connection of(String url, @Nullable Path keyFile, @Nullable Path ca) {
    Connection connection = new Connection();
    connection.url = url;
    connection.keyFile = keyFile;
    connection.ca = ca;
    return connection;
  }

  /**
   * A client of that service.
   *
   * @throws IOException if the key or the certificates cannot be read
   */
  public ServiceClient client() throws IOException {
    URI address = address();
    return new ServiceClient(address, key(address), trust(address));
  }

  private ServerTrust trust(URI address) throws IOException {
    if (ca != null) {
      return ServerTrust.of(ca);
    }
    String file = environment("LATHE_CA");
    return file.isEmpty()
        ? LocalHome.of(Optional.empty()).trust(address)
        : ServerTrust.of(Path.of(file));
  }

  private String key(URI address) throws IOException {
    if (keyFile != null) {
      return LocalHome.read(keyFile);
    }
    String key = environment("LATHE_KEY");
    if (!key.isEmpty()) {
      return key;
    }
    String file = environment("LATHE_KEY_FILE");
    return file.isEmpty()
        ? LocalHome.of(Optional.empty()).key("admin", address).orElse("")
        : LocalHome.read(Path.of(file));
  }

  URI address() {
    String text = url == null ? environment("LATHE_URL") : url;
    if (text.isEmpty()) {
      text = LocalHome.of(Optional.empty()).address().map(URI::toString).orElse(USUAL);
    }
    try {
      URI address = URI.create(text.endsWith("/") ? text : text + "/");
      if (address.getHost() != null && String.valueOf(address.getScheme()).matches("https?")) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // Told below, as any other address that is none.
    }
    throw new ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(),
        "'%s' is no address of a service. Maybe %s.".formatted(text, USUAL));
  }

  private static String environment(String variable) {
    String value = System.getenv(variable);
    return value == null ? "" : value.strip();
  }
}
