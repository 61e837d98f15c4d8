package dev.lathe.latency.regression;

/**
 * Chooses which of many inputs to measure, so that little uncertainty is left about all of them:
 * one after the other the one whose measurement lowers the sum of their variances most (Cohn,
 * Ghahramani, Jordan: Active Learning with Statistical Models, 1996, arXiv cs/9603104). In a
 * Gaussian model this does not depend on what is measured.
 */
public final class InformativeChoice {
  private InformativeChoice() {}

  /**
   * The indices chosen, the most informative first.
   *
   * @param covariance of the inputs' values before any measurement, symmetric; it is overwritten by
   *     what is left after those chosen
   * @param noise variance of a measurement, above 0
   * @param count at most as many as inputs
   */
  public static int[] of(double[][] covariance, double noise, int count) {
    int n = covariance.length;
    if (count > n || !(noise > 0)) {
      throw new IllegalArgumentException(
          "%d of %d inputs with a noise of %s cannot be chosen.".formatted(count, n, noise));
    }
    boolean[] taken = new boolean[n];
    int[] chosen = new int[count];
    for (int step = 0; step < count; step++) {
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        if (!taken[i]) {
          double squares = 0;
          for (double value : covariance[i]) {
            squares += value * value;
          }
          double gain = squares / (Math.max(0, covariance[i][i]) + noise);
          if (gain > most) {
            most = gain;
            best = i;
          }
        }
      }
      taken[best] = true;
      chosen[step] = best;
      measured(covariance, best, noise);
    }
    return chosen;
  }

  /** What is left of the covariance when an input is measured. */
  private static void measured(double[][] covariance, int input, double noise) {
    double[] row = covariance[input].clone();
    double variance = Math.max(0, row[input]) + noise;
    for (int i = 0; i < row.length; i++) {
      double share = row[i] / variance;
      for (int j = 0; j < row.length; j++) {
        covariance[i][j] -= share * row[j];
      }
    }
  }
}
