package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The exact volume that points dominate up to a reference point (Zitzler, Thiele 1998). Two
 * objectives by a sorted sweep, three by a sweep over the third with a staircase of the other two,
 * both in O(n log n) but for array moves; four and more by WFG (While, Bradstreet, Barone: A Fast
 * Way of Calculating Exact Hypervolumes, 2012, doi:10.1109/TEVC.2010.2077298) down to three.
 */
public final class Hypervolume {
  private Hypervolume() {}

  /**
   * @param costs points in any order, dominated and equal ones allowed; those that do not dominate
   *     the reference add nothing
   * @param reference one cost an objective, at least as bad as what shall count
   * @return the volume in the product of the objectives' units, at least 0
   * @throws IllegalArgumentException if a point has another length than the reference, or a NaN
   */
  public static double of(double[][] costs, double[] reference) {
    List<double[]> inside = new ArrayList<>(costs.length);
    for (double[] point : costs) {
      check(point, reference);
      boolean better = true;
      for (int m = 0; m < reference.length; m++) {
        better &= point[m] < reference[m];
      }
      if (better) {
        inside.add(point);
      }
    }
    double[][] points = inside.toArray(double[][]::new);
    return reference.length > 3
        ? volume(distinct(kept(points)), reference, reference.length)
        : volume(points, reference, reference.length);
  }

  private static void check(double[] point, double[] reference) {
    if (point.length != reference.length) {
      throw new IllegalArgumentException(
          "point has %d costs, the reference %d.".formatted(point.length, reference.length));
    }
    for (double cost : point) {
      if (Double.isNaN(cost)) {
        throw new IllegalArgumentException("a cost is NaN. Maybe leave failed evaluations out.");
      }
    }
  }

  /** Volume in the first {@code objectives} coordinates; all points lie inside the reference. */
  private static double volume(double[][] points, double[] reference, int objectives) {
    if (points.length == 0) {
      return 0;
    }
    return switch (objectives) {
      case 1 -> {
        double best = points[0][0];
        for (double[] point : points) {
          best = Math.min(best, point[0]);
        }
        yield reference[0] - best;
      }
      case 2 -> area(points, reference);
      case 3 -> sweep(points, reference);
      default -> exclusive(points, reference, objectives);
    };
  }

  private static double area(double[][] points, double[] reference) {
    int[] order = Order.ascending(column(points, 0));
    double area = 0;
    double height = reference[1];
    for (int i : order) {
      double[] point = points[i];
      if (point[1] < height) {
        area += (reference[0] - point[0]) * (height - point[1]);
        height = point[1];
      }
    }
    return area;
  }

  private static double sweep(double[][] points, double[] reference) {
    int[] order = Order.ascending(column(points, 2));
    Staircase staircase = new Staircase();
    double volume = 0;
    double area = 0;
    double depth = points[order[0]][2];
    for (int i : order) {
      double[] point = points[i];
      volume += area * (point[2] - depth);
      depth = point[2];
      if (!staircase.covers(point[0], point[1])) {
        area += staircase.gain(point[0], point[1], reference[0], reference[1]);
        staircase.add(point[0], point[1]);
      }
    }
    return volume + area * (reference[2] - depth);
  }

  /**
   * Sum over the points, worst last coordinate first, of the volume that only they and not those
   * after them dominate: a slab whose depth is the distance to the reference in that coordinate.
   */
  private static double exclusive(double[][] points, double[] reference, int objectives) {
    int last = objectives - 1;
    double[] keys = column(points, last);
    for (int i = 0; i < keys.length; i++) {
      keys[i] = -keys[i];
    }
    int[] order = Order.ascending(keys);
    double sum = 0;
    for (int i = 0; i < order.length; i++) {
      double[] point = points[order[i]];
      double[][] limited = new double[order.length - i - 1][];
      for (int j = i + 1; j < order.length; j++) {
        double[] other = points[order[j]];
        double[] limit = new double[last];
        for (int m = 0; m < last; m++) {
          limit[m] = Math.max(point[m], other[m]);
        }
        limited[j - i - 1] = limit;
      }
      double slab = 1;
      for (int m = 0; m < last; m++) {
        slab *= reference[m] - point[m];
      }
      double shared = volume(distinct(kept(limited)), reference, last);
      sum += (reference[last] - point[last]) * (slab - shared);
    }
    return sum;
  }

  private static double[][] kept(double[][] points) {
    int[] front = NonDominatedSort.nonDominated(points);
    double[][] kept = new double[front.length][];
    for (int k = 0; k < front.length; k++) {
      kept[k] = points[front[k]];
    }
    return kept;
  }

  private static double[][] distinct(double[][] points) {
    if (points.length < 2) {
      return points;
    }
    int[] order = Order.lexicographic(points);
    List<double[]> distinct = new ArrayList<>(points.length);
    for (int i = 0; i < order.length; i++) {
      if (i == 0 || !Arrays.equals(points[order[i]], points[order[i - 1]])) {
        distinct.add(points[order[i]]);
      }
    }
    return distinct.toArray(double[][]::new);
  }

  private static double[] column(double[][] points, int objective) {
    double[] column = new double[points.length];
    for (int i = 0; i < column.length; i++) {
      column[i] = points[i][objective];
    }
    return column;
  }
}
