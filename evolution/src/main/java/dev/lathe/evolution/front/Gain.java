package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.List;

/** How much hypervolume one more point would add to a growing front. */
public final class Gain {
  private final double[] reference;
  private final Staircase plane = new Staircase();
  private List<double[]> front = new ArrayList<>();
  private double best = Double.POSITIVE_INFINITY;

  /**
   * @param reference up to where volume counts, one cost an objective
   */
  public Gain(double[] reference) {
    this.reference = reference.clone();
  }

  /** Adds a point to the front, dominated or not. */
  public void add(double[] costs) {
    switch (reference.length) {
      case 1 -> best = Math.min(best, costs[0]);
      case 2 -> {
        if (!plane.covers(costs[0], costs[1])) {
          plane.add(costs[0], costs[1]);
        }
      }
      default -> {
        for (double[] point : front) {
          if (Dominance.covers(point, costs)) {
            return;
          }
        }
        List<double[]> kept = new ArrayList<>(front.size() + 1);
        for (double[] point : front) {
          if (!Dominance.covers(costs, point)) {
            kept.add(point);
          }
        }
        kept.add(costs.clone());
        front = kept;
      }
    }
  }

  /** The hypervolume that the point would add; 0 if it is dominated or beyond the reference. */
  public double of(double[] costs) {
    for (int m = 0; m < costs.length; m++) {
      if (!(costs[m] < reference[m])) {
        return 0;
      }
    }
    return switch (costs.length) {
      case 1 -> Math.max(0, Math.min(best, reference[0]) - costs[0]);
      case 2 ->
          plane.covers(costs[0], costs[1])
              ? 0
              : plane.gain(costs[0], costs[1], reference[0], reference[1]);
      default -> exclusive(costs);
    };
  }

  private double exclusive(double[] costs) {
    double box = 1;
    for (int m = 0; m < costs.length; m++) {
      box *= reference[m] - costs[m];
    }
    List<double[]> limited = new ArrayList<>(front.size());
    for (double[] point : front) {
      double[] limit = new double[costs.length];
      for (int m = 0; m < costs.length; m++) {
        limit[m] = Math.max(point[m], costs[m]);
      }
      limited.add(limit);
    }
    return Math.max(0, box - Hypervolume.of(limited.toArray(double[][]::new), reference));
  }
}
