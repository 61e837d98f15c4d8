package dev.lathe.data;

/** Labelled images that may not be in memory yet; {@link DataSets} picks which to read. */
interface ImageSource {
  /** The class of each image there is. */
  int[] labels();

  /**
   * Reads the images at the given places, in that order.
   *
   * @throws DataException naming the file that cannot be read
   */
  LabelledImages read(int[] indices, Progress progress);

  /** Images that are in memory, resized when read. */
  static ImageSource of(LabelledImages images, int height, int width) {
    return new ImageSource() {
      @Override
      public int[] labels() {
        return images.labels();
      }

      @Override
      public LabelledImages read(int[] indices, Progress progress) {
        return images.subset(indices).resized(height, width);
      }
    };
  }
}
