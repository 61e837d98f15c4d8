package dev.lathe.farm;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values of a back end's options: those that were given, and what holds for the others. */
public final class BackendSettings {
  private final String backend;
  private final Map<String, String> values;

  private BackendSettings(String backend, Map<String, String> values) {
    this.backend = backend;
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * The settings of a back end.
   *
   * @param given by name
   * @throws IllegalArgumentException naming an option that the back end does not have
   */
  public static BackendSettings of(BackendFactory factory, Map<String, String> given) {
    Map<String, String> values = new TreeMap<>();
    List<BackendOption> options = factory.options();
    options.forEach(option -> values.put(option.name(), option.fallback()));
    for (Map.Entry<String, String> entry : given.entrySet()) {
      if (!values.containsKey(entry.getKey())) {
        throw new IllegalArgumentException(
            "back end '%s' has no option '%s'. Maybe one of: %s."
                .formatted(
                    factory.name(),
                    entry.getKey(),
                    options.stream().map(BackendOption::name).collect(Collectors.joining(", "))));
      }
      values.put(entry.getKey(), entry.getValue());
    }
    return new BackendSettings(factory.name(), values);
  }

  /** A text; empty if it was not set and nothing holds instead. */
  public Optional<String> text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "back end '%s' asks for an option '%s' that it does not declare."
              .formatted(backend, name));
    }
    return value.isBlank() ? Optional.empty() : Optional.of(value);
  }

  /** A text that must be there. */
  public String required(String name) {
    return text(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "back end '%s' needs the option '%s'. Maybe give -o %s=VALUE."
                        .formatted(backend, name, name)));
  }

  /** A file or folder that must be named. */
  public Path path(String name) {
    return Path.of(required(name));
  }

  /** A whole number in a range, both ends included. */
  public int integer(String name, int least, int most) {
    String value = required(name);
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, value, "a whole number of %d to %d".formatted(least, most), e);
    }
    throw wrong(name, value, "a whole number of %d to %d".formatted(least, most), null);
  }

  /** A number in a range, both ends included. */
  public double number(String name, double least, double most) {
    String value = required(name);
    try {
      double number = Double.parseDouble(value.strip());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, value, "a number of %s to %s".formatted(least, most), e);
    }
    throw wrong(name, value, "a number of %s to %s".formatted(least, most), null);
  }

  private IllegalArgumentException wrong(
      String name, String value, String wanted, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "option '%s' of back end '%s' must be %s, not '%s'."
            .formatted(name, backend, wanted, value),
        cause);
  }

  /** All values by name. */
  public Map<String, String> all() {
    return values;
  }
}
