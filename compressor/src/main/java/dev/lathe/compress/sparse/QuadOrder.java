package dev.lathe.compress.sparse;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * An order of input channels in which keeping two of every four loses little: swaps of two channels
 * of different quads are tried at random and kept where the importance that stays grows (Pool, Yu:
 * Channel Permutations for N:M Sparsity, NeurIPS 2021).
 */
public final class QuadOrder {
  private static final int TRIALS_A_CHANNEL = 60;
  private static final int ROWS = 256;

  private final double[][] rows;
  private final int[] order;

  private QuadOrder(double[][] rows, int[] order) {
    this.rows = rows;
    this.order = order;
  }

  /**
   * Finds an order.
   *
   * @param importance any number of rows, one number a channel each
   * @return channels in their new order; the identity where no swap helps
   */
  public static int[] of(double[][] importance, RandomGenerator random) {
    int channels = importance.length == 0 ? 0 : importance[0].length;
    int[] order = new int[channels];
    Arrays.setAll(order, i -> i);
    if (channels <= 4) {
      return order;
    }
    double[][] rows = new double[Math.min(ROWS, importance.length)][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = importance[(int) ((long) i * importance.length / rows.length)];
    }
    QuadOrder search = new QuadOrder(rows, order);
    for (int trial = 0; trial < TRIALS_A_CHANNEL * channels; trial++) {
      search.trySwap(random.nextInt(channels), random.nextInt(channels));
    }
    return order;
  }

  /** The importance that stays when two of every four are kept. */
  public static double kept(double[][] importance, int[] order) {
    QuadOrder quads = new QuadOrder(importance, order);
    double sum = 0;
    for (int quad = 0; quad * 4 < order.length; quad++) {
      sum += quads.kept(quad);
    }
    return sum;
  }

  private void trySwap(int a, int b) {
    int left = a / 4;
    int right = b / 4;
    if (left == right) {
      return;
    }
    double before = kept(left) + kept(right);
    swap(a, b);
    if (kept(left) + kept(right) <= before) {
      swap(a, b);
    }
  }

  private void swap(int a, int b) {
    int held = order[a];
    order[a] = order[b];
    order[b] = held;
  }

  private double kept(int quad) {
    int end = Math.min(order.length, quad * 4 + 4);
    double sum = 0;
    for (double[] row : rows) {
      double first = 0;
      double second = 0;
      for (int i = quad * 4; i < end; i++) {
        double value = row[order[i]];
        if (value > first) {
          second = first;
          first = value;
        } else if (value > second) {
          second = value;
        }
      }
      sum += first + second;
    }
    return sum;
  }
}
