package dev.lathe.farm.command;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.Backends;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which device a command measures on; mixed into every command that measures. */
public final class BackendChoice {
  private static final String HISTORY = "history";

  @Option(
      names = "--backend",
      defaultValue = "cpu",
      paramLabel = "KIND",
      description = "What to measure on; default ${DEFAULT-VALUE}. --list-backends shows all.")
  private String backend = "cpu";

  @Option(
      names = {"-o", "--option"},
      paramLabel = "NAME=VALUE",
      description = "An option of the back end; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--list-backends",
      description = "Shows the back ends, their options, and why one cannot be used here; ends.")
  private boolean list;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /** Shows the back ends if that was asked for; whether it was. */
  public boolean listed(PrintWriter out) {
    if (list) {
      print(out);
    }
    return list;
  }

  static void print(PrintWriter out) {
    for (BackendFactory factory : Backends.all()) {
      out.printf("%-10s %s%n", factory.name(), factory.summary());
      factory.absence().ifPresent(why -> out.printf("%10s not here: %s%n", "", why));
      for (BackendOption option : factory.options()) {
        out.printf(
            "%10s -o %s=%s  %s%n",
            "",
            option.name(),
            option.fallback().isEmpty() ? "…" : option.fallback(),
            option.meaning());
      }
    }
    out.flush();
  }

  /** Takes what was not said on the command line from somewhere else. */
  void complete(@Nullable String otherBackend, Map<String, String> otherOptions) {
    if (otherBackend != null) {
      backend = otherBackend;
    }
    otherOptions.forEach(options::putIfAbsent);
  }

  /** The folder in which this user's programs remember what the sentinel took. */
  public static Path usersHistory() {
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache))
        .resolve("lathe");
  }

  /**
   * Opens the device.
   *
   * @param history folder in which it remembers what its sentinel took
   * @param otherwise options that hold unless the user sets them
   * @throws ParameterException if the back end or an option is wrong
   */
  public MeasurementBackend open(Path history, Map<String, String> otherwise)
      throws MeasurementFailed, InterruptedException {
    try {
      BackendFactory factory = Backends.named(backend);
      Map<String, String> all = new LinkedHashMap<>(options);
      for (BackendOption option : factory.options()) {
        String value =
            option.name().equals(HISTORY) ? history.toString() : otherwise.get(option.name());
        if (value != null) {
          all.putIfAbsent(option.name(), value);
        }
      }
      BackendSettings.of(factory, all);
      return Backends.open(backend, all);
    } catch (IllegalArgumentException e) {
      if (spec == null) {
        throw e;
      }
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
