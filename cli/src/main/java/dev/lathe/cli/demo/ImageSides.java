package dev.lathe.cli.demo;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The side to which a search will bring its images. */
final class ImageSides {
  private ImageSides() {}

  /**
   * That of the images that a backbone takes.
   *
   * @return in pixels; 0, that of the data, where it is open
   * @throws dev.lathe.onnx.OnnxException if the file is no model
   */
  static int of(Path backbone) {
    List<Dimension> shape = OnnxGraph.read(backbone).inputs().getFirst().shape();
    return shape.size() == 4 && shape.get(2) instanceof Dimension.Fixed(long side)
        ? Math.toIntExact(side)
        : 0;
  }

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
