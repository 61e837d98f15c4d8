package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A folder of finished parts of a long command, which is not done again when the command is run
 * again after a kill.
 *
 * @param folder exists
 */
public record Kept(Path folder) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Work that may fail for want of a file. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * A folder for a command, which must be run with the same settings each time.
   *
   * @param settings a record of all that the results depend on
   * @throws IOException if the folder holds results of other settings
   */
  public static Kept in(Path folder, Object settings) throws IOException {
    Kept kept = new Kept(Files.createDirectories(folder));
    String wanted = JSON.writeValueAsString(settings);
    String found = kept.once("settings", String.class, () -> wanted);
    if (!found.equals(wanted)) {
      throw new IOException(
          "'%s' holds results of other settings: %s. Maybe name another folder, or remove it."
              .formatted(folder, found));
    }
    return kept;
  }

  /** The folder that was asked for, else one beside the JSON file, else a temporary one. */
  static Path folder(Optional<Path> asked, Optional<Path> json) throws IOException {
    Optional<Path> folder =
        asked.or(() -> json.map(file -> file.resolveSibling(file.getFileName() + ".state")));
    return folder.isPresent() ? folder.get() : Files.createTempDirectory("lathe-bench");
  }

  /** The result of a piece of work: from its file if that is there, else made and kept. */
  public <T> T once(String name, Class<T> type, Work<T> work) throws IOException {
    Path file = folder.resolve(name + ".json");
    if (Files.exists(file)) {
      return JSON.readValue(file.toFile(), type);
    }
    T result = work.run();
    Path partial = folder.resolve(name + ".partial");
    Files.write(partial, JSON.writeValueAsBytes(result));
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    return result;
  }

  public Path file(String name) {
    return folder.resolve(name);
  }
}
