package dev.lathe.cli.remote;

import dev.lathe.cli.client.ServiceClient;
import java.net.URI;
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
      description = "address of the service; LATHE_URL, or " + USUAL + " by default")
  private @Nullable String url;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description = "API key; LATHE_KEY by default; a service on this machine may need none")
  private @Nullable String key;

  /** A client of that service. */
  public ServiceClient client() {
    return new ServiceClient(address(), orEnvironment(key, "LATHE_KEY", ""));
  }

  URI address() {
    String text = orEnvironment(url, "LATHE_URL", USUAL);
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

  private static String orEnvironment(@Nullable String option, String variable, String otherwise) {
    if (option != null) {
      return option;
    }
    String value = System.getenv(variable);
    return value == null || value.isBlank() ? otherwise : value;
  }
}
