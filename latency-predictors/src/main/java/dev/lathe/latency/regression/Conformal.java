package dev.lathe.latency.regression;

import java.util.Arrays;

/**
 * Split-conformal widths: a bound that a new score exceeds with at most the stated probability, if
 * it is exchangeable with the given ones (Lei et al.: Distribution-Free Predictive Inference for
 * Regression, 2018, arXiv 1604.04173).
 */
public final class Conformal {
  private Conformal() {}

  /**
   * The ⌈(n + 1) coverage⌉-th smallest score; the largest where n is too small for that coverage.
   *
   * @param scores how far held-out measurements lay from their predictions
   * @param coverage in (0, 1)
   */
  public static double bound(double[] scores, double coverage) {
    if (scores.length == 0 || !(coverage > 0 && coverage < 1)) {
      throw new IllegalArgumentException(
          "%d scores, coverage %s: need at least one score and a coverage within (0, 1)."
              .formatted(scores.length, coverage));
    }
    double[] sorted = scores.clone();
    Arrays.sort(sorted);
    int rank = (int) Math.ceil((scores.length + 1) * coverage - 1e-9);
    return sorted[Math.min(rank, scores.length) - 1];
  }
}
