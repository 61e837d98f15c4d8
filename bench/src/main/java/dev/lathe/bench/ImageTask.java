package dev.lathe.bench;

import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;

/**
 * Images, and a space of networks for them.
 *
 * @param data the images
 * @param spec a space for images of their size
 * @param space for their number of classes
 */
record ImageTask(DataSet data, SpaceSpec spec, NetworkSpace space) {
  /**
   * Loads images.
   *
   * @param spec as {@link DataSets} takes it
   * @param space YAML file or name of a built-in space; the one for the images' size if open
   */
  static ImageTask load(String spec, Optional<String> space, long seed, Progress progress)
      throws IOException {
    Optional<SpaceSpec> asked = Optional.empty();
    if (space.isPresent()) {
      Path file = Path.of(space.get());
      asked =
          Optional.of(
              Files.isRegularFile(file)
                  ? SpaceFiles.read(Files.readString(file))
                  : SpaceFiles.builtin(space.get()));
    }
    int side = asked.map(found -> Collections.max(found.resolutions())).orElse(0);
    DataSet data = DataSets.load(spec, DataOptions.of(seed).withResolution(side), progress);
    int channels = data.shape().channels();
    SpaceSpec chosen =
        asked
            .map(found -> found.withChannels(channels))
            .orElseGet(() -> SpaceFiles.forImages(channels, data.shape().height()));
    return new ImageTask(data, chosen, chosen.space(data.classes().size()));
  }
}
