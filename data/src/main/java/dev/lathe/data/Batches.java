package dev.lathe.data;

/** Images as a network takes them: normalised float32 [n, c, h, w], nothing changed at random. */
public final class Batches {
  private Batches() {}

  /**
   * The images {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @return normalised values, [to − from, c, h, w]
   */
  public static float[] of(LabelledImages images, int from, int to, Normalization normalization) {
    if (from < 0 || to < from || to > images.size()) {
      throw new IllegalArgumentException(
          "images %d to %d are not among the %d there are.".formatted(from, to, images.size()));
    }
    ImageShape shape = images.shape();
    float[][] tables = tables(shape, normalization);
    int plane = shape.height() * shape.width();
    int values = shape.values();
    float[] out = new float[Math.multiplyExact(to - from, values)];
    byte[] pixels = new byte[values];
    for (int i = from; i < to; i++) {
      images.read(i, pixels, 0);
      int offset = (i - from) * values;
      for (int k = 0; k < values; k += plane) {
        float[] table = tables[k / plane];
        for (int j = k; j < k + plane; j++) {
          out[offset + j] = table[pixels[j] & 0xff];
        }
      }
    }
    return out;
  }

  static float[][] tables(ImageShape shape, Normalization normalization) {
    if (normalization.channels() != shape.channels()) {
      throw new IllegalArgumentException(
          "a normalization of %d channels does not fit images of %s."
              .formatted(normalization.channels(), shape));
    }
    return normalization.tables();
  }
}
