package dev.lathe.data;

/**
 * The shape of one image, in the order in which its pixels are stored.
 *
 * @param channels colour planes; 3 (red, green, blue) in every loaded data set
 * @param height rows, in pixels
 * @param width columns, in pixels
 */
public record ImageShape(int channels, int height, int width) {
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image of %d channels, %d rows, %d columns does not exist; all must be at least 1."
              .formatted(channels, height, width));
    }
  }

  /** Values in one image: channels × height × width. */
  public int values() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  @Override
  public String toString() {
    return channels + "×" + height + "×" + width;
  }
}
