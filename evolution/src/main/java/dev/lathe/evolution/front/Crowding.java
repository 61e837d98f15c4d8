package dev.lathe.evolution.front;

import java.util.Arrays;

/**
 * Crowding distance of NSGA-II (Deb et al. 2002, doi:10.1109/4235.996017): how far apart the
 * neighbours of a point are, summed over the objectives, each divided by the front's range.
 */
public final class Crowding {
  private Crowding() {}

  /**
   * @param costs of all points
   * @param front indices into {@code costs}
   * @return one distance a member of {@code front}, in its order; the extremes of each objective
   *     have positive infinity
   */
  public static double[] distances(double[][] costs, int[] front) {
    int n = front.length;
    double[] distances = new double[n];
    if (n <= 2) {
      Arrays.fill(distances, Double.POSITIVE_INFINITY);
      return distances;
    }
    int objectives = costs[front[0]].length;
    double[] keys = new double[n];
    for (int m = 0; m < objectives; m++) {
      for (int i = 0; i < n; i++) {
        keys[i] = costs[front[i]][m];
      }
      int[] order = Order.ascending(keys);
      double range = keys[order[n - 1]] - keys[order[0]];
      distances[order[0]] = Double.POSITIVE_INFINITY;
      distances[order[n - 1]] = Double.POSITIVE_INFINITY;
      if (range > 0) {
        for (int i = 1; i < n - 1; i++) {
          distances[order[i]] += (keys[order[i + 1]] - keys[order[i - 1]]) / range;
        }
      }
    }
    return distances;
  }
}
