package dev.lathe.evolution.front;

/**
 * Generalized spread: how unevenly points lie, and how far they stay from the ends of the reference
 * front; 0 is perfect. For each point the distance to its nearest neighbour; then (Σ ends + Σ |d −
 * mean d|) / (Σ ends + n · mean d). Zhou, Jin, Zhang, Sendhoff, Tsang: Combining model-based and
 * genetics-based offspring generation for multi-objective optimization, 2006,
 * doi:10.1109/CEC.2006.1688406; for two objectives Deb's Δ is its model.
 */
public final class Spread {
  private Spread() {}

  /**
   * @param costs the points found, at least one
   * @param front the reference front, at least one point
   * @param scale what counts as 1 in each objective, above 0: usually the front's range
   */
  public static double of(double[][] costs, double[][] front, double[] scale) {
    if (costs.length == 0 || front.length == 0) {
      throw new IllegalArgumentException(
          "spread of %d points on a front of %d points: both must have at least one."
              .formatted(costs.length, front.length));
    }
    double ends = 0;
    for (int m = 0; m < scale.length; m++) {
      double[] end = front[0];
      for (double[] point : front) {
        end = point[m] < end[m] ? point : end;
      }
      ends += nearest(end, costs, -1, scale);
    }
    double[] gaps = new double[costs.length];
    double mean = 0;
    for (int i = 0; i < costs.length; i++) {
      gaps[i] = costs.length == 1 ? 0 : nearest(costs[i], costs, i, scale);
      mean += gaps[i] / costs.length;
    }
    double uneven = 0;
    for (double gap : gaps) {
      uneven += Math.abs(gap - mean);
    }
    double total = ends + costs.length * mean;
    return total == 0 ? 0 : (ends + uneven) / total;
  }

  private static double nearest(double[] from, double[][] points, int except, double[] scale) {
    double nearest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < points.length; i++) {
      if (i != except) {
        double square = 0;
        for (int m = 0; m < scale.length; m++) {
          double difference = (points[i][m] - from[m]) / scale[m];
          square += difference * difference;
        }
        nearest = Math.min(nearest, square);
      }
    }
    return Math.sqrt(nearest);
  }
}
