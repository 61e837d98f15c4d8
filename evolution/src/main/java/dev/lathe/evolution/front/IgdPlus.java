package dev.lathe.evolution.front;

/**
 * Modified inverted generational distance: the mean, over the points of a reference front, of the
 * distance by which the nearest point found is worse. Ishibuchi, Masuda, Tanigaki, Nojima: Modified
 * Distance Calculation in Generational Distance and Inverted Generational Distance, 2015,
 * doi:10.1007/978-3-319-15892-1_8. 0 if and only if every point of the reference is reached.
 */
public final class IgdPlus {
  private IgdPlus() {}

  /**
   * @param costs the points found, at least one
   * @param front the reference front, at least one point
   * @param scale what counts as 1 in each objective, above 0: usually the front's range
   */
  public static double of(double[][] costs, double[][] front, double[] scale) {
    if (costs.length == 0 || front.length == 0) {
      throw new IllegalArgumentException(
          "IGD+ of %d points to a front of %d points: both must have at least one."
              .formatted(costs.length, front.length));
    }
    double sum = 0;
    for (double[] target : front) {
      double nearest = Double.POSITIVE_INFINITY;
      for (double[] point : costs) {
        double square = 0;
        for (int m = 0; m < target.length; m++) {
          double worse = Math.max(0, (point[m] - target[m]) / scale[m]);
          square += worse * worse;
        }
        nearest = Math.min(nearest, square);
      }
      sum += Math.sqrt(nearest);
    }
    return sum / front.length;
  }
}
