package dev.lathe.data;

import java.util.random.RandomGenerator;

/**
 * Random changes to training images that leave their class as it is.
 *
 * @param shift largest shift in each direction, in pixels; what moves in is the training mean (0
 *     after normalization) or the nearest pixel, as {@code padding} says
 * @param padding what fills the pixels that a shift uncovers
 * @param flip whether half of the images are mirrored left to right
 * @param brightness most that is added to or taken from every value, in units of pixel / 255
 * @param contrast most that values move away from or towards the image's mean: 0.2 is a factor of
 *     0.8 to 1.2
 * @param saturation most that colours move away from or towards grey, likewise a factor; for images
 *     of three channels
 */
public record Augmentation(
    int shift, Padding padding, boolean flip, float brightness, float contrast, float saturation) {
  /** What fills the pixels that a shift uncovers. */
  public enum Padding {
    /** The mean of the training images, 0 after normalization. */
    MEAN,
    /** The nearest pixel of the image. */
    EDGE
  }

  /** Below so many training images, changes are stronger. */
  private static final int FEW = 2000;

  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException(
          "a shift of at most %d pixels; it must not be negative.".formatted(shift));
    }
    checkShare("brightness", brightness);
    checkShare("contrast", contrast);
    checkShare("saturation", saturation);
  }

  private static void checkShare(String name, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          "%s %s must lie in [0, 1); 0 leaves it as it is.".formatted(name, value));
    }
  }

  /** Changes nothing. */
  public static Augmentation none() {
    return new Augmentation(0, Padding.MEAN, false, 0, 0, 0);
  }

  /**
   * A tenth of the side as shift, mirrored where the data allow it; where images are few, colours
   * change as well.
   */
  public static Augmentation of(DataSet data) {
    int side = Math.min(data.shape().height(), data.shape().width());
    if (data.train().size() < FEW) {
      return new Augmentation(
          Math.max(1, Math.round(side * 0.125f)),
          Padding.EDGE,
          data.horizontalFlip(),
          0.1f,
          0.2f,
          0.2f);
    }
    return new Augmentation(
        Math.max(1, Math.round(side * 0.1f)), Padding.MEAN, data.horizontalFlip(), 0, 0, 0);
  }

  /**
   * Writes changed, normalised images.
   *
   * @param images where the images come from
   * @param indices which images, [b]
   * @param normalization of the images' pixels
   * @param random source of all chance; the same one gives the same batch
   * @param out receives [b, c, h, w]
   */
  public void batch(
      LabelledImages images,
      int[] indices,
      Normalization normalization,
      RandomGenerator random,
      float[] out) {
    ImageShape shape = images.shape();
    if (out.length < (long) indices.length * shape.values()) {
      throw new IllegalArgumentException(
          "%d images of %s do not fit into %d values."
              .formatted(indices.length, shape, out.length));
    }
    float[][] plain = Batches.tables(shape, normalization);
    boolean coloured = brightness > 0 || contrast > 0 || saturation > 0;
    ColourChange colours = new ColourChange(normalization);
    byte[] pixels = new byte[shape.values()];
    for (int i = 0; i < indices.length; i++) {
      int dx = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
      int dy = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
      boolean mirrored = flip && random.nextBoolean();
      images.read(indices[i], pixels, 0);
      float[][] tables = plain;
      float keep = 1;
      if (coloured) {
        float add = change(brightness, random);
        float scale = 1 + change(contrast, random);
        keep = shape.channels() == 3 ? 1 + change(saturation, random) : 1;
        tables = colours.tables(pixels, add, scale);
      }
      int at = i * shape.values();
      place(shape, pixels, tables, dx, dy, mirrored, out, at);
      if (keep != 1) {
        colours.saturate(out, at, shape.height() * shape.width(), keep);
      }
    }
  }

  private static float change(float most, RandomGenerator random) {
    return most == 0 ? 0 : (2 * random.nextFloat() - 1) * most;
  }

  /** Copies one image through its tables, moved by (dx, dy) and perhaps mirrored. */
  private void place(
      ImageShape shape,
      byte[] pixels,
      float[][] tables,
      int dx,
      int dy,
      boolean mirrored,
      float[] out,
      int at) {
    int height = shape.height();
    int width = shape.width();
    boolean edge = padding == Padding.EDGE;
    // Columns low to high - 1 of the new row come from inside the old one.
    int low = Math.clamp(dx, 0, width);
    int high = Math.clamp((long) width + dx, 0, width);
    int step = mirrored ? -1 : 1;
    for (int c = 0; c < shape.channels(); c++) {
      float[] table = tables[c];
      int plane = c * height * width;
      for (int y = 0; y < height; y++, at += width) {
        int sourceY = y - dy;
        if ((sourceY < 0 || sourceY >= height || low >= high) && !edge) {
          java.util.Arrays.fill(out, at, at + width, 0f);
          continue;
        }
        int row = plane + Math.clamp(sourceY, 0, height - 1) * width;
        int last = row + width - 1;
        int source = mirrored ? last - (low - dx) : row + low - dx;
        for (int x = low; x < high; x++, source += step) {
          out[at + x] = table[pixels[source] & 0xff];
        }
        if (low > 0) {
          float value = edge ? table[pixels[mirrored ? last : row] & 0xff] : 0f;
          java.util.Arrays.fill(out, at, at + low, value);
        }
        if (high < width) {
          float value = edge ? table[pixels[mirrored ? row : last] & 0xff] : 0f;
          java.util.Arrays.fill(out, at + high, at + width, value);
        }
      }
    }
  }
}
