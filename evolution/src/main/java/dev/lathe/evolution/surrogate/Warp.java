package dev.lathe.evolution.surrogate;

import java.util.Arrays;

/**
 * The mean of the normal score of a value's rank and of its number of standard deviations from the
 * mean. Ranks alone forget how bad the bad are; values alone let a few that are far off (networks
 * that do not train at all) drown all differences among the good.
 */
final class Warp implements Scale {
  private final double[] scores;

  /** Distinct values, rising, with the score of each. */
  private final double[] knots;

  private final double[] knotScores;

  /**
   * @param values at least one
   */
  Warp(double[] values) {
    int n = values.length;
    double mean = Arrays.stream(values).average().orElseThrow();
    double square = 0;
    for (double value : values) {
      square += (value - mean) * (value - mean);
    }
    double deviation = square > 0 ? Math.sqrt(square / n) : 1;
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double[] distinct = new double[n];
    double[] theirScores = new double[n];
    int count = 0;
    for (int start = 0; start < n; ) {
      int end = start + 1;
      while (end < n && sorted[end] == sorted[start]) {
        end++;
      }
      distinct[count] = sorted[start];
      double rankScore = Normal.quantile((start + end) / (2.0 * n));
      theirScores[count++] = 0.5 * (rankScore + (sorted[start] - mean) / deviation);
      start = end;
    }
    this.knots = Arrays.copyOf(distinct, count);
    this.knotScores = Arrays.copyOf(theirScores, count);
    this.scores = new double[n];
    for (int i = 0; i < n; i++) {
      scores[i] = knotScores[Arrays.binarySearch(knots, values[i])];
    }
  }

  @Override
  public double[] scores() {
    return scores;
  }

  /**
   * The value with this score; beyond the ends the line through the outer tenth is continued, as
   * {@link Scale#floored} says.
   */
  @Override
  public double value(double score) {
    int last = knots.length - 1;
    if (last == 0) {
      return knots[0];
    }
    int reach = Math.max(1, last / 10);
    if (score <= knotScores[0]) {
      return Scale.floored(line(score, 0, reach, 0), knots[0]);
    }
    if (score >= knotScores[last]) {
      return line(score, last - reach, last, last);
    }
    int high = Arrays.binarySearch(knotScores, score);
    high = Math.clamp(high < 0 ? -high - 1 : high, 1, last);
    return line(score, high - 1, high, high);
  }

  /** The score of a value; beyond the ends the line through the outer tenth is continued. */
  double score(double value) {
    int last = knots.length - 1;
    if (last == 0) {
      return knotScores[0];
    }
    int reach = Math.max(1, last / 10);
    if (value <= knots[0]) {
      return knotScores[0] + (value - knots[0]) / slope(0, reach);
    }
    if (value >= knots[last]) {
      return knotScores[last] + (value - knots[last]) / slope(last - reach, last);
    }
    int high = Arrays.binarySearch(knots, value);
    high = Math.clamp(high < 0 ? -high - 1 : high, 1, last);
    return knotScores[high] + (value - knots[high]) / slope(high - 1, high);
  }

  private double slope(int from, int to) {
    return (knots[to] - knots[from]) / (knotScores[to] - knotScores[from]);
  }

  private double line(double score, int from, int to, int through) {
    return knots[through] + slope(from, to) * (score - knotScores[through]);
  }
}
