package dev.lathe.evolution.front;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Sorts points into fronts: front 0 is dominated by nobody, front k only by points of fronts before
 * it. Points are visited in lexicographic order, and their front is found by binary search, as in
 * Zhang, Tian, Cheng, Jin: An Efficient Approach to Nondominated Sorting for Evolutionary
 * Multiobjective Optimization, 2015, doi:10.1109/TEVC.2014.2308305. For two objectives a front is
 * represented by its last point, for three by a staircase of its other two coordinates, so that n
 * points take O(n log² n) there; for more, a front is compared point by point.
 */
public final class NonDominatedSort {
  private NonDominatedSort() {}

  /**
   * @param costs one vector a point, all of the same length, no NaN
   * @return the front of each point, from 0; equal points share one
   */
  public static int[] ranks(double[][] costs) {
    int n = costs.length;
    int[] ranks = new int[n];
    if (n == 0) {
      return ranks;
    }
    int[] order = Order.lexicographic(costs);
    Layers layers =
        switch (costs[0].length) {
          case 1 -> new LinearLayers();
          case 2 -> new PlanarLayers();
          case 3 -> new SpatialLayers();
          default -> new GeneralLayers();
        };
    for (int i = 0; i < n; i++) {
      double[] point = costs[order[i]];
      if (i > 0 && Arrays.equals(point, costs[order[i - 1]])) {
        ranks[order[i]] = ranks[order[i - 1]];
      } else {
        ranks[order[i]] = layers.add(point);
      }
    }
    return ranks;
  }

  /** The fronts, best first; each has the indices of its points in rising order. */
  public static int[][] fronts(double[][] costs) {
    int[] ranks = ranks(costs);
    int count = 0;
    for (int rank : ranks) {
      count = Math.max(count, rank + 1);
    }
    int[] sizes = new int[count];
    for (int rank : ranks) {
      sizes[rank]++;
    }
    int[][] fronts = new int[count][];
    for (int rank = 0; rank < count; rank++) {
      fronts[rank] = new int[sizes[rank]];
    }
    Arrays.fill(sizes, 0);
    for (int i = 0; i < ranks.length; i++) {
      fronts[ranks[i]][sizes[ranks[i]]++] = i;
    }
    return fronts;
  }

  /** Indices of the points that no other dominates, in rising order; of equal points all. */
  public static int[] nonDominated(double[][] costs) {
    if (costs.length == 0) {
      return new int[0];
    }
    int[] order = Order.lexicographic(costs);
    boolean[] kept = new boolean[costs.length];
    FirstFront front = FirstFront.of(costs[0].length);
    int count = 0;
    for (int i = 0; i < order.length; i++) {
      double[] point = costs[order[i]];
      kept[order[i]] =
          i > 0 && Arrays.equals(point, costs[order[i - 1]])
              ? kept[order[i - 1]]
              : front.add(point);
      count += kept[order[i]] ? 1 : 0;
    }
    int[] indices = new int[count];
    for (int i = 0, next = 0; i < kept.length; i++) {
      if (kept[i]) {
        indices[next++] = i;
      }
    }
    return indices;
  }

  /** The first {@code k} for which the layer does not cover; layers are monotone. */
  private static int firstOpen(int layers, IntPredicate covers) {
    int low = 0;
    int high = layers;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (covers.test(middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Fronts being filled in lexicographic order, without equal points. */
  private interface Layers {
    /** Puts a point into its front and says which. */
    int add(double[] point);
  }

  private static final class LinearLayers implements Layers {
    private int count;

    @Override
    public int add(double[] point) {
      return count++;
    }
  }

  private static final class PlanarLayers implements Layers {
    private double[] lowest = new double[16];
    private int count;

    @Override
    public int add(double[] point) {
      double y = point[1];
      int low = 0;
      int high = count;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (lowest[middle] <= y) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      if (low == count) {
        if (count == lowest.length) {
          lowest = Arrays.copyOf(lowest, 2 * count);
        }
        count++;
      }
      lowest[low] = y;
      return low;
    }
  }

  private static final class SpatialLayers implements Layers {
    private final List<Staircase> layers = new ArrayList<>();

    @Override
    public int add(double[] point) {
      int layer = firstOpen(layers.size(), k -> layers.get(k).covers(point[1], point[2]));
      if (layer == layers.size()) {
        layers.add(new Staircase());
      }
      layers.get(layer).add(point[1], point[2]);
      return layer;
    }
  }

  private static final class GeneralLayers implements Layers {
    private final List<List<double[]>> layers = new ArrayList<>();

    @Override
    public int add(double[] point) {
      int layer = firstOpen(layers.size(), k -> covered(layers.get(k), point));
      if (layer == layers.size()) {
        layers.add(new ArrayList<>());
      }
      layers.get(layer).add(point);
      return layer;
    }
  }

  private static boolean covered(List<double[]> points, double[] point) {
    for (int i = points.size() - 1; i >= 0; i--) {
      if (Dominance.covers(points.get(i), point)) {
        return true;
      }
    }
    return false;
  }

  /** The non-dominated points of a lexicographic visit. */
  private interface FirstFront {
    boolean add(double[] point);

    static FirstFront of(int objectives) {
      return switch (objectives) {
        case 1 -> {
          boolean[] any = new boolean[1];
          yield _ -> {
            boolean first = !any[0];
            any[0] = true;
            return first;
          };
        }
        case 2 -> {
          double[] lowest = {Double.POSITIVE_INFINITY};
          yield point -> {
            boolean open = point[1] < lowest[0];
            lowest[0] = Math.min(lowest[0], point[1]);
            return open;
          };
        }
        case 3 -> {
          Staircase staircase = new Staircase();
          yield point -> {
            boolean open = !staircase.covers(point[1], point[2]);
            if (open) {
              staircase.add(point[1], point[2]);
            }
            return open;
          };
        }
        default -> {
          List<double[]> front = new ArrayList<>();
          yield point -> !covered(front, point) && front.add(point);
        }
      };
    }
  }
}
