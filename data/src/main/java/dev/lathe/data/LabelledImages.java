package dev.lathe.data;

import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.Resampling;
import java.util.Optional;

/**
 * Images of one shape with a class number each. Pixels are bytes read as 0 to 255, an image as [c,
 * h, w]. They may lie in a file: what is handed out is a copy of the one image asked for.
 */
public final class LabelledImages {
  private final PixelStore store;
  private final int[] places;
  private final int[] labels;

  private LabelledImages(PixelStore store, int[] places, int[] labels) {
    this.store = store;
    this.places = places;
    this.labels = labels;
  }

  /**
   * Images over the given arrays, which are shared, not copied: nobody writes into them.
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
    return of(PixelStore.of(shape, pixels), labels);
  }

  /** All images of a store. */
  static LabelledImages of(PixelStore store, int[] labels) {
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0) {
        throw new IllegalArgumentException(
            "image %d has label %d; labels count from 0.".formatted(i, labels[i]));
      }
    }
    return new LabelledImages(
        store, java.util.stream.IntStream.range(0, labels.length).toArray(), labels);
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The shape of each image. */
  public ImageShape shape() {
    return store.shape();
  }

  /** The pixels of image {@code i}, [c, h, w], unsigned bytes, as a copy. */
  public byte[] pixels(int i) {
    byte[] pixels = new byte[shape().values()];
    read(i, pixels, 0);
    return pixels;
  }

  /** Copies the pixels of image {@code i}, [c, h, w], to {@code offset}. */
  public void read(int i, byte[] to, int offset) {
    store.read(places[i], to, offset);
  }

  /** What is known of image {@code i}'s pixels. */
  PixelSummary summary(int i) {
    return store.summary(places[i]);
  }

  /** The class number of image {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /** All class numbers, [n]; not to be written to. */
  public int[] labels() {
    return labels;
  }

  /** The images at the given places, in that order; pixels are not copied. */
  public LabelledImages subset(int[] indices) {
    int[] chosen = new int[indices.length];
    int[] chosenLabels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      chosen[i] = places[indices[i]];
      chosenLabels[i] = labels[indices[i]];
    }
    return new LabelledImages(store, chosen, chosenLabels);
  }

  /** These images and then others of the same shape; pixels are not copied. */
  public LabelledImages and(LabelledImages others) {
    PixelStore joined = new PixelStore.Joined(store, others.store);
    int[] all = java.util.Arrays.copyOf(places, places.length + others.places.length);
    int[] allLabels = java.util.Arrays.copyOf(labels, all.length);
    for (int i = 0; i < others.places.length; i++) {
      all[places.length + i] = store.size() + others.places[i];
      allLabels[places.length + i] = others.labels[i];
    }
    return new LabelledImages(joined, all, allLabels);
  }

  /**
   * The same images at another size: picture files are decoded anew; of others the largest centred
   * part of the new aspect ratio, averaged over areas where it shrinks, interpolated bilinearly
   * where it grows.
   *
   * @param height new rows, in pixels
   * @param width new columns, in pixels
   */
  public LabelledImages resized(int height, int width) {
    ImageShape from = shape();
    if (height == from.height() && width == from.width()) {
      return this;
    }
    Optional<PixelStore> again = store.again(places, height, width);
    if (again.isPresent()) {
      return of(again.get(), labels);
    }
    Resampling resampling =
        Resampling.of(from.height(), from.width(), new Framing(height, width, Framing.Fit.CROP, 1));
    PixelStore resized =
        PixelStore.make(
            new ImageShape(from.channels(), height, width),
            size(),
            store.folder(),
            () ->
                (i, to, offset) ->
                    resampling.apply(
                        Resampling.planes(pixels(i), 0, from.height(), from.width()),
                        from.channels(),
                        to,
                        offset),
            Progress.none(),
            "resizing images");
    return of(resized, labels);
  }
}
