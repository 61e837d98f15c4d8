package dev.lathe.farm;

import java.util.Arrays;

/**
 * Order statistics of latency samples. Percentile q of n samples is the one of rank ⌈q·n⌉ (nearest
 * rank, never interpolated, so that each figure is a latency that really occurred); the median of
 * an even number is the mean of the two in the middle.
 *
 * @param p50 median
 * @param p90 90th percentile
 * @param p95 95th percentile
 * @param p99 99th percentile
 * @param mad median of the absolute deviations from the median
 */
public record Percentiles(double p50, double p90, double p95, double p99, double mad) {

  /**
   * The percentiles of the samples, in their unit.
   *
   * @throws IllegalArgumentException if there are no samples
   */
  public static Percentiles of(double... samples) {
    if (samples.length == 0) {
      throw new IllegalArgumentException("percentiles of no samples are asked for.");
    }
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    double median = median(sorted);
    double[] deviations = new double[sorted.length];
    for (int i = 0; i < deviations.length; i++) {
      deviations[i] = Math.abs(sorted[i] - median);
    }
    Arrays.sort(deviations);
    return new Percentiles(
        median, rank(sorted, 0.90), rank(sorted, 0.95), rank(sorted, 0.99), median(deviations));
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
  }

  private static double rank(double[] sorted, double q) {
    int rank = (int) Math.ceil(q * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length, rank) - 1)];
  }
}
