package dev.lathe.latency.regression;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Correlations of orders. NaN where one of the sides is constant. */
public final class RankCorrelation {
  private RankCorrelation() {}

  /** Spearman's rho: Pearson's correlation of mean ranks. */
  public static double spearman(double[] left, double[] right) {
    return pearson(ranks(left), ranks(right));
  }

  /** Pearson's correlation. */
  public static double pearson(double[] left, double[] right) {
    double meanLeft = Arrays.stream(left).average().orElse(0);
    double meanRight = Arrays.stream(right).average().orElse(0);
    double covariance = 0;
    double varianceLeft = 0;
    double varianceRight = 0;
    for (int i = 0; i < left.length; i++) {
      double l = left[i] - meanLeft;
      double r = right[i] - meanRight;
      covariance += l * r;
      varianceLeft += l * l;
      varianceRight += r * r;
    }
    return covariance / Math.sqrt(varianceLeft * varianceRight);
  }

  /**
   * Kendall's tau-b, in O(n log n) by counting the exchanges of a merge sort (Knight: A Computer
   * Method for Calculating Kendall's Tau with Ungrouped Data, 1966).
   */
  public static double kendall(double[] left, double[] right) {
    int n = left.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> left[i])
                    .thenComparingDouble(i -> right[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long pairs = (long) n * (n - 1) / 2;
    long tiesLeft = 0;
    long tiesBoth = 0;
    for (int from = 0, both = 0, i = 1; i <= n; i++) {
      boolean sameLeft = i < n && left[order[i]] == left[order[from]];
      boolean sameBoth = sameLeft && right[order[i]] == right[order[both]];
      if (!sameBoth) {
        tiesBoth += (long) (i - both) * (i - both - 1) / 2;
        both = i;
      }
      if (!sameLeft) {
        tiesLeft += (long) (i - from) * (i - from - 1) / 2;
        from = i;
      }
    }
    double[] sorted = Arrays.stream(order).mapToDouble(i -> right[i]).toArray();
    long exchanges = sortCounting(sorted, new double[n], 0, n);
    long tiesRight = 0;
    for (int from = 0, i = 1; i <= n; i++) {
      if (i == n || sorted[i] != sorted[from]) {
        tiesRight += (long) (i - from) * (i - from - 1) / 2;
        from = i;
      }
    }
    double concordantLessDiscordant = pairs - tiesLeft - tiesRight + tiesBoth - 2.0 * exchanges;
    return concordantLessDiscordant
        / (Math.sqrt((double) pairs - tiesLeft) * Math.sqrt((double) pairs - tiesRight));
  }

  private static long sortCounting(double[] values, double[] buffer, int from, int to) {
    if (to - from < 2) {
      return 0;
    }
    int middle = (from + to) >>> 1;
    long exchanges =
        sortCounting(values, buffer, from, middle) + sortCounting(values, buffer, middle, to);
    System.arraycopy(values, from, buffer, from, to - from);
    for (int left = from, right = middle, out = from; out < to; out++) {
      if (left < middle && (right == to || buffer[left] <= buffer[right])) {
        values[out] = buffer[left++];
      } else {
        values[out] = buffer[right++];
        exchanges += middle - left;
      }
    }
    return exchanges;
  }

  /** Ranks from 1; equal values have the mean of their ranks. */
  static double[] ranks(double[] values) {
    int n = values.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[n];
    for (int from = 0; from < n; ) {
      int to = from;
      while (to < n && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
