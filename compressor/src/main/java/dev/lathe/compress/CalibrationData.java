package dev.lathe.compress;

/** Inputs that are typical for a model of one single-precision input: no labels are needed. */
public interface CalibrationData {
  /** The number of items. */
  int images();

  /**
   * Items {@code from} (inclusive) to {@code to} (exclusive), already normalised, in row-major
   * order with the item as first dimension.
   */
  float[] batch(int from, int to);

  /** The shape of a batch of {@code n} items, for example [n, channels, height, width]. */
  long[] shape(int n);
}
