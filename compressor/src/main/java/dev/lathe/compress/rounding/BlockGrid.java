package dev.lathe.compress.rounding;

import dev.lathe.compress.Affine;

/**
 * The values that weights may take at few bits: symmetric, one scale for each block of consecutive
 * weights of a row.
 *
 * @param bits of a weight, 2 to 8
 * @param block weights that share a scale
 * @param rows of the matrix
 * @param columns of the matrix
 * @param scales rows × blocks of a row, row-major
 */
public record BlockGrid(int bits, int block, int rows, int columns, float[] scales) {
  private static final int STEPS = 40;

  /** The grid whose scales give each block the least squared error of rounding to nearest. */
  public static BlockGrid of(float[] weights, int rows, int columns, int bits, int block) {
    if (bits < 2 || bits > 8) {
      throw new IllegalArgumentException("bits must be 2 to 8, not %d.".formatted(bits));
    }
    int blocks = Math.ceilDiv(columns, block);
    float[] scales = new float[rows * blocks];
    for (int row = 0; row < rows; row++) {
      for (int b = 0; b < blocks; b++) {
        int from = row * columns + b * block;
        int to = row * columns + Math.min(columns, (b + 1) * block);
        scales[row * blocks + b] = scale(weights, from, to, (1 << bits - 1) - 1);
      }
    }
    return new BlockGrid(bits, block, rows, columns, scales);
  }

  private static float scale(float[] weights, int from, int to, int levels) {
    double largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(weights[i]));
    }
    double least = Double.POSITIVE_INFINITY;
    float chosen = 1;
    for (int step = 0; step < STEPS; step++) {
      Affine affine = Affine.symmetric(largest * (1 - 0.6 * step / STEPS), levels);
      double error = 0;
      for (int i = from; i < to; i++) {
        double difference = weights[i] - affine.round(weights[i]);
        error += difference * difference;
      }
      if (error < least) {
        least = error;
        chosen = affine.scale();
      }
    }
    return chosen;
  }

  public int blocks() {
    return Math.ceilDiv(columns, block);
  }

  /** The largest magnitude of a quantized weight. */
  public int levels() {
    return (1 << bits - 1) - 1;
  }

  public float scale(int row, int column) {
    return scales[row * blocks() + column / block];
  }

  /** The integer nearest to a weight. */
  public int nearest(int row, int column, double weight) {
    return (int) Math.clamp(Math.rint(weight / scale(row, column)), -levels(), levels());
  }

  /** Each weight rounded to the nearest integer. */
  public int[] nearest(float[] weights) {
    int[] out = new int[weights.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        out[row * columns + column] = nearest(row, column, weights[row * columns + column]);
      }
    }
    return out;
  }

  /** The weights that integers stand for. */
  public float[] dequantize(int[] integers) {
    float[] out = new float[integers.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = integers[i] * scale(i / columns, i % columns);
    }
    return out;
  }
}
