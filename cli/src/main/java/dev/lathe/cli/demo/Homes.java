package dev.lathe.cli.demo;

import dev.lathe.cli.client.LocalHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where Lathe keeps what it makes. */
public final class Homes {
  private Homes() {}

  /**
   * The folder asked for, else {@code LATHE_HOME}, else {@code .lathe} in the user's own folder.
   *
   * @throws IOException naming the folder if it cannot be made
   */
  public static Path folder(Optional<Path> wanted) throws IOException {
    Path folder = LocalHome.of(wanted).folder();
    try {
      return Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "the folder '%s' cannot be made: %s. Maybe name another with --home."
              .formatted(folder, e.getMessage()),
          e);
    }
  }
}
