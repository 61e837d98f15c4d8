package dev.lathe.supernet.onnx;

/** Tells weights that were sparsified from weights that were rounded to zero here and there. */
final class Zeros {
  private static final double SPARSE = 0.45;

  private Zeros() {}

  /** Whether so many weights are zero that somebody made them so. */
  static boolean prevail(float[] weights) {
    int zeros = 0;
    for (float weight : weights) {
      zeros += weight == 0 ? 1 : 0;
    }
    return zeros >= SPARSE * weights.length;
  }
}
