package dev.lathe.data;

import java.util.stream.IntStream;

/**
 * Images of one shape with a class number each. Pixels are bytes read as 0 to 255, stored image by
 * image as [n, c, h, w]. The arrays are shared, not copied: nobody writes into them.
 */
public final class LabelledImages {
  private final ImageShape shape;
  private final byte[] pixels;
  private final int[] labels;

  private LabelledImages(ImageShape shape, byte[] pixels, int[] labels) {
    this.shape = shape;
    this.pixels = pixels;
    this.labels = labels;
  }

  /**
   * Images over the given arrays.
   *
   * @param pixels [n, c, h, w], unsigned bytes
   * @param labels [n], class numbers from 0
   * @throws IllegalArgumentException if the lengths do not match or a label is negative
   */
  public static LabelledImages of(ImageShape shape, byte[] pixels, int[] labels) {
    if (pixels.length != (long) labels.length * shape.values()) {
      throw new IllegalArgumentException(
          "%d labels with images of %s need %d pixel bytes, not %d."
              .formatted(
                  labels.length, shape, (long) labels.length * shape.values(), pixels.length));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "image %d has label %d; labels count from 0.".formatted(i, labels[i]));
      }
    }
    return new LabelledImages(shape, pixels, labels);
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The shape of each image. */
  public ImageShape shape() {
    return shape;
  }

  /** All pixels, [n, c, h, w], unsigned bytes; not to be written to. */
  public byte[] pixels() {
    return pixels;
  }

  /** The class number of image {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /** All class numbers, [n]; not to be written to. */
  public int[] labels() {
    return labels;
  }

  /** The images at the given places, in that order, as a copy. */
  public LabelledImages subset(int[] indices) {
    int values = shape.values();
    byte[] chosen = new byte[Math.multiplyExact(indices.length, values)];
    int[] chosenLabels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(pixels, indices[i] * values, chosen, i * values, values);
      chosenLabels[i] = labels[indices[i]];
    }
    return new LabelledImages(shape, chosen, chosenLabels);
  }

  /**
   * The same images at another size: the largest centred part of the new aspect ratio, averaged
   * over areas where it shrinks, interpolated bilinearly where it grows.
   *
   * @param height new rows, in pixels
   * @param width new columns, in pixels
   */
  public LabelledImages resized(int height, int width) {
    if (height == shape.height() && width == shape.width()) {
      return this;
    }
    ImageShape to = new ImageShape(shape.channels(), height, width);
    Resampling resampling = Resampling.of(shape.height(), shape.width(), height, width);
    byte[] out = new byte[Math.multiplyExact(labels.length, to.values())];
    int from = shape.height() * shape.width();
    int plane = height * width;
    IntStream.range(0, labels.length)
        .parallel()
        .forEach(
            i -> {
              for (int c = 0; c < shape.channels(); c++) {
                int k = i * shape.channels() + c;
                resampling.apply(pixels, k * from, out, k * plane);
              }
            });
    return new LabelledImages(to, out, labels);
  }
}
