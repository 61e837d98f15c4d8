package dev.lathe.cli.demo;

import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;

/** The side to which a search will bring its images. */
final class ImageSides {
  private ImageSides() {}

  /**
   * The largest that the space asked for takes.
   *
   * @param space a name or a YAML file
   * @return in pixels; 0, that of the data, where no space is asked for
   */
  static int of(Optional<String> space) throws IOException {
    if (space.isEmpty()) {
      return 0;
    }
    Path file = Path.of(space.get());
    SpaceSpec spec =
        Files.exists(file)
            ? SpaceFiles.read(Files.readString(file))
            : SpaceFiles.builtin(space.get());
    return Collections.max(spec.resolutions());
  }
}
