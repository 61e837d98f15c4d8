package dev.lathe.data;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** Labelled images that may not be read yet; {@link DataSets} picks which to read. */
interface ImageSource {
  /** The class of each image there is. */
  int[] labels();

  /** What the data say each image is for. */
  Split[] splits();

  /** What a person would look for to find an image. */
  default String name(int index) {
    return "image " + index;
  }

  /**
   * Reads images.
   *
   * @param indices which, ascending
   * @throws DataException naming every file that cannot be read, unless such are to be skipped
   */
  Reading read(int[] indices, Progress progress);

  /**
   * What was read.
   *
   * @param images those that could be read, in the order asked for
   * @param kept which of the indices these are, ascending
   * @param files what is known of the files, where they were files
   */
  record Reading(LabelledImages images, int[] kept, Optional<PictureFacts> files) {}

  /** Images that are at hand, resized when read; the same classes in both parts. */
  static ImageSource of(
      LabelledImages train, Optional<LabelledImages> test, int height, int width) {
    LabelledImages all = test.map(train::and).orElse(train);
    Split[] splits = new Split[all.size()];
    Arrays.fill(splits, test.isPresent() ? Split.TRAIN : Split.WHOLE);
    Arrays.fill(splits, train.size(), splits.length, Split.TEST);
    return new ImageSource() {
      @Override
      public int[] labels() {
        return all.labels();
      }

      @Override
      public Split[] splits() {
        return splits;
      }

      @Override
      public Reading read(int[] indices, Progress progress) {
        LabelledImages chosen =
            indices.length == all.size()
                    && Arrays.equals(indices, IntStream.range(0, all.size()).toArray())
                ? all
                : all.subset(indices);
        return new Reading(chosen.resized(height, width), indices, Optional.empty());
      }
    };
  }
}
