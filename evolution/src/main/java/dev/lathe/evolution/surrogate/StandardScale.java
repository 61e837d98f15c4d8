package dev.lathe.evolution.surrogate;

import java.util.Arrays;

/** Values or their logarithms, shifted and scaled to mean 0 and variance 1. */
final class StandardScale implements Scale {
  private final boolean logarithmic;
  private final double[] scores;
  private final double mean;
  private final double deviation;
  private final double lowest;

  /**
   * @param values at least one; all above 0 if logarithmic
   */
  StandardScale(double[] values, boolean logarithmic) {
    this.logarithmic = logarithmic;
    double[] plain = logarithmic ? Arrays.stream(values).map(Math::log).toArray() : values.clone();
    this.lowest = Arrays.stream(plain).min().orElseThrow();
    this.mean = Arrays.stream(plain).average().orElseThrow();
    double square = Arrays.stream(plain).map(v -> (v - mean) * (v - mean)).sum();
    this.deviation = square > 0 ? Math.sqrt(square / plain.length) : 1;
    this.scores = Arrays.stream(plain).map(v -> (v - mean) / deviation).toArray();
  }

  @Override
  public double[] scores() {
    return scores;
  }

  @Override
  public double value(double score) {
    double plain = mean + deviation * score;
    return logarithmic ? Math.exp(plain) : Scale.floored(plain, lowest);
  }
}
