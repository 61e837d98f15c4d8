package dev.lathe.data;

import dev.lathe.data.picture.Preprocessing;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How pixels become a network's input: {@code (pixel / 255 − mean) / std}, channel by channel.
 *
 * @param mean one value a channel, in units of pixel / 255
 * @param std one value a channel, in units of pixel / 255, above 0
 */
public record Normalization(float[] mean, float[] std) {
  public Normalization {
    if (mean.length == 0 || mean.length != std.length) {
      throw new IllegalArgumentException(
          "%d means and %d standard deviations; there must be one of each a channel."
              .formatted(mean.length, std.length));
    }
    for (float value : std) {
      if (!(value > 0)) {
        throw new IllegalArgumentException(
            "standard deviation %s is not above 0.".formatted(value));
      }
    }
    mean = mean.clone();
    std = std.clone();
  }

  /** Mean and standard deviation of each channel over all pixels of the images. */
  public static Normalization of(LabelledImages images) {
    ImageShape shape = images.shape();
    return of(
        IntStream.range(0, images.size()).parallel().mapToObj(images::summary).toList(), shape);
  }

  static Normalization of(List<PixelSummary> images, ImageShape shape) {
    float[] mean = new float[shape.channels()];
    float[] std = new float[shape.channels()];
    double total = Math.max(1, (double) images.size() * shape.height() * shape.width());
    for (int c = 0; c < mean.length; c++) {
      long sums = 0;
      long allSquares = 0;
      for (PixelSummary image : images) {
        sums += image.sums()[c];
        allSquares += image.squares()[c];
      }
      double sum = sums / 255.0;
      double squares = allSquares / (255.0 * 255.0);
      mean[c] = (float) (sum / total);
      // At least one grey level, so that images of one colour stay finite.
      std[c] =
          (float) Math.max(1 / 255.0, Math.sqrt(squares / total - sum / total * (sum / total)));
    }
    return new Normalization(mean, std);
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /** The number of channels. */
  public int channels() {
    return mean.length;
  }

  /** The normalised value of each of the 256 pixel values, for each channel: [c][256]. */
  float[][] tables() {
    float[][] tables = new float[mean.length][256];
    for (int c = 0; c < mean.length; c++) {
      for (int v = 0; v < 256; v++) {
        tables[c][v] = Preprocessing.value(v, 1 / 255.0, mean[c], std[c]);
      }
    }
    return tables;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Normalization that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "mean " + Arrays.toString(mean) + ", std " + Arrays.toString(std);
  }
}
