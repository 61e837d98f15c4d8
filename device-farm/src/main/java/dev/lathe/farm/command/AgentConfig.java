package dev.lathe.farm.command;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An agent's configuration in a file of {@code name = value} lines: {@code server}, {@code ca},
 * {@code name}, {@code threads}, {@code key-file}, {@code enrol}, {@code backend}, {@code home},
 * {@code record} and {@code option.NAME} for the back end's options. Lines that begin with {@code
 * #} are comments.
 */
final class AgentConfig {
  private static final String OPTION = "option.";
  private static final Set<String> NAMES =
      Set.of("server", "ca", "name", "threads", "key-file", "enrol", "backend", "home", "record");

  private final Map<String, String> values;

  private AgentConfig(Map<String, String> values) {
    this.values = values;
  }

  static AgentConfig empty() {
    return new AgentConfig(Map.of());
  }

  /**
   * Reads a file.
   *
   * @throws IOException naming the file, and the name that is not known
   */
  static AgentConfig read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "configuration '%s' cannot be read (%s).".formatted(file, e.getMessage()), e);
    }
    Map<String, String> values = new TreeMap<>();
    for (String name : properties.stringPropertyNames()) {
      if (!NAMES.contains(name) && !name.startsWith(OPTION)) {
        throw new IOException(
            "configuration '%s' has no '%s'. Maybe one of: %s, option.NAME."
                .formatted(file, name, new TreeSet<>(NAMES)));
      }
      values.put(name, properties.getProperty(name).strip());
    }
    return new AgentConfig(values);
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
  }

  /** The back end's options by name. */
  Map<String, String> options() {
    Map<String, String> options = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(OPTION)) {
            options.put(name.substring(OPTION.length()), value);
          }
        });
    return options;
  }
}
