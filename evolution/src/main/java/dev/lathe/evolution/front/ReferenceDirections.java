package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.List;

/**
 * Directions spread evenly over the objectives: the simplex lattice of Das, Dennis: Normal-Boundary
 * Intersection, 1998, doi:10.1137/S1052623496307510.
 */
public final class ReferenceDirections {
  private ReferenceDirections() {}

  /**
   * The largest lattice with at most {@code atMost} points, but at least one point an objective.
   *
   * @return vectors of non-negative numbers whose sum is 1
   */
  public static double[][] lattice(int objectives, int atMost) {
    int divisions = 1;
    if (objectives > 1) {
      while (count(objectives, divisions + 1) <= atMost) {
        divisions++;
      }
    }
    List<double[]> directions = new ArrayList<>();
    fill(new double[objectives], 0, divisions, divisions, directions);
    return directions.toArray(double[][]::new);
  }

  /** Number of ways to write {@code divisions} as a sum of so many non-negative numbers. */
  private static long count(int objectives, int divisions) {
    long count = 1;
    for (int i = 1; i < objectives; i++) {
      count = count * (divisions + i) / i;
      if (count > Integer.MAX_VALUE) {
        return Long.MAX_VALUE;
      }
    }
    return count;
  }

  private static void fill(
      double[] direction, int place, int left, int divisions, List<double[]> into) {
    if (place == direction.length - 1) {
      direction[place] = (double) left / divisions;
      into.add(direction.clone());
      return;
    }
    for (int part = 0; part <= left; part++) {
      direction[place] = (double) part / divisions;
      fill(direction, place + 1, left - part, divisions, into);
    }
  }
}
