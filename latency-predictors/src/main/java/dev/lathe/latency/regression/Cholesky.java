package dev.lathe.latency.regression;

/** Cholesky factors of small symmetric matrices, row by row in one array of length n². */
public final class Cholesky {
  private static final double LEAST_PIVOT = 1e-14;

  private Cholesky() {}

  /**
   * Replaces the lower triangle of a positive definite matrix by its factor; what lies above the
   * diagonal is neither read nor written.
   *
   * @return the logarithm of the determinant
   */
  public static double factor(double[] a, int n) {
    double logDeterminant = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i * n + j];
        for (int k = 0; k < j; k++) {
          sum -= a[i * n + k] * a[j * n + k];
        }
        if (i == j) {
          double pivot = Math.sqrt(Math.max(sum, LEAST_PIVOT));
          a[i * n + i] = pivot;
          logDeterminant += 2 * Math.log(pivot);
        } else {
          a[i * n + j] = sum / a[j * n + j];
        }
      }
    }
    return logDeterminant;
  }

  /** The x with A x = right, from the factor of A. */
  public static double[] solve(double[] factor, int n, double[] right) {
    double[] x = right.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= factor[i * n + k] * x[k];
      }
      x[i] /= factor[i * n + i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= factor[k * n + i] * x[k];
      }
      x[i] /= factor[i * n + i];
    }
    return x;
  }
}
