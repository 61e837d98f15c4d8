package dev.lathe.evolution.front;

/**
 * Additive epsilon indicator: the least amount that, subtracted from every cost of the points
 * found, makes them cover the whole reference front. Zitzler, Thiele, Laumanns, Fonseca, Grunert da
 * Fonseca: Performance assessment of multiobjective optimizers, 2003, doi:10.1109/TEVC.2003.810758.
 */
public final class AdditiveEpsilon {
  private AdditiveEpsilon() {}

  /**
   * @param costs the points found, at least one
   * @param front the reference front, at least one point
   * @param scale what counts as 1 in each objective, above 0: usually the front's range
   */
  public static double of(double[][] costs, double[][] front, double[] scale) {
    if (costs.length == 0 || front.length == 0) {
      throw new IllegalArgumentException(
          "epsilon of %d points to a front of %d points: both must have at least one."
              .formatted(costs.length, front.length));
    }
    double worst = Double.NEGATIVE_INFINITY;
    for (double[] target : front) {
      double nearest = Double.POSITIVE_INFINITY;
      for (double[] point : costs) {
        double needed = Double.NEGATIVE_INFINITY;
        for (int m = 0; m < target.length; m++) {
          needed = Math.max(needed, (point[m] - target[m]) / scale[m]);
        }
        nearest = Math.min(nearest, needed);
      }
      worst = Math.max(worst, nearest);
    }
    return worst;
  }
}
