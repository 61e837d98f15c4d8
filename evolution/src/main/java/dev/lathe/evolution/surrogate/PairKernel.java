package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;

/**
 * Ridge regression on one-hot genes and on all pairs of them, as a covariance: with s the share of
 * genes in which two architectures agree, s is the product of their one-hot vectors, and s² that of
 * their vectors of pairs, both up to a factor. LINAS' ridge predictor (arXiv:2205.10358) sees the
 * one-hot genes alone.
 */
final class PairKernel implements Covariance {
  private final Encoding encoding;
  private final double single;
  private final double pairs;
  private final double noise;

  /**
   * @param variance of the scores, above 0
   * @param share of the variance that pairs explain, in [0, 1]
   * @param noise variance, above 0
   */
  PairKernel(Encoding encoding, double variance, double share, double noise) {
    this.encoding = encoding;
    this.single = variance * (1 - share);
    this.pairs = variance * share;
    this.noise = noise;
  }

  @Override
  public double of(Point left, Point right) {
    int[] a = left.codes();
    int[] b = right.codes();
    double agreement = 0;
    for (int g = 0; g < a.length; g++) {
      agreement += 1 - encoding.distances(g)[a[g]][b[g]];
    }
    agreement /= a.length;
    return agreement * (single + pairs * agreement);
  }

  @Override
  public double[] row(Columns many, Point point) {
    double[] row = new double[many.size()];
    int[] codes = point.codes();
    for (int g = 0; g < codes.length; g++) {
      double[] distances = encoding.distances(g)[codes[g]];
      int[] theirs = many.codes(g);
      for (int i = 0; i < row.length; i++) {
        row[i] += 1 - distances[theirs[i]];
      }
    }
    for (int i = 0; i < row.length; i++) {
      double agreement = row[i] / codes.length;
      row[i] = agreement * (single + pairs * agreement);
    }
    return row;
  }

  @Override
  public double variance() {
    return single + pairs;
  }

  @Override
  public double noise() {
    return noise;
  }
}
