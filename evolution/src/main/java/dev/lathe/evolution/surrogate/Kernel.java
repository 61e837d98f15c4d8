package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;
import java.util.Arrays;

/**
 * Covariance of two architectures: a sum of an additive part (each gene for itself), a product part
 * (genes interact, each with its own length scale) and a part on letter counts (what is used,
 * wherever). Parameters are logarithms, in this order: amplitudes of the three parts, noise
 * variance, scale of the counts, then one weight a gene.
 */
final class Kernel implements Covariance {
  static final int ADDITIVE = 0;
  static final int PRODUCT = 1;
  static final int COUNTS = 2;
  static final int NOISE = 3;
  static final int COUNT_SCALE = 4;
  static final int WEIGHTS = 5;

  private final Encoding encoding;
  private final double additive;
  private final double product;
  private final double counts;
  private final double noise;
  private final double countScale;

  /** exp(-weight * distance): [gene][code][code]. */
  private final double[][][] factors;

  /** Factor of a sum of squared differences of counts: [alphabet][sum]. */
  private final double[][] countFactors;

  Kernel(Encoding encoding, double[] logarithms) {
    this.encoding = encoding;
    this.additive = Math.exp(logarithms[ADDITIVE]) / encoding.genes();
    this.product = Math.exp(logarithms[PRODUCT]);
    this.counts = encoding.letters() == 0 ? 0 : Math.exp(logarithms[COUNTS]);
    this.noise = Math.exp(logarithms[NOISE]);
    this.countScale = Math.exp(logarithms[COUNT_SCALE]);
    this.factors = new double[encoding.genes()][][];
    this.countFactors = countFactors();
    double[] letterWeights = letterWeights(encoding, logarithms);
    for (int g = 0; g < factors.length; g++) {
      double weight = Math.exp(logarithms[WEIGHTS + g]);
      double[][] distances = encoding.weighted(g, letterWeights);
      factors[g] = new double[distances.length][distances.length];
      for (int a = 0; a < distances.length; a++) {
        for (int b = 0; b < distances.length; b++) {
          factors[g][a][b] = Math.exp(-weight * distances[a][b]);
        }
      }
    }
  }

  /** Where the search for parameters starts, and the mean of their prior. */
  static double[] prior(Encoding encoding) {
    double[] logarithms = new double[WEIGHTS + encoding.genes() + encoding.letters()];
    logarithms[ADDITIVE] = Math.log(0.4);
    logarithms[PRODUCT] = Math.log(0.4);
    logarithms[COUNTS] = Math.log(0.4);
    logarithms[NOISE] = Math.log(0.03);
    logarithms[COUNT_SCALE] = Math.log(0.5);
    double weight = Math.log(1.5 / Math.sqrt(encoding.genes()));
    for (int g = 0; g < encoding.genes(); g++) {
      logarithms[WEIGHTS + g] = weight;
    }
    for (int l = 0; l < encoding.letters(); l++) {
      logarithms[WEIGHTS + encoding.genes() + l] = Math.log(0.5);
    }
    return logarithms;
  }

  static double[] letterWeights(Encoding encoding, double[] logarithms) {
    double[] weights = new double[encoding.letters()];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = Math.exp(logarithms[WEIGHTS + encoding.genes() + l]);
    }
    return weights;
  }

  @Override
  public double of(Point left, Point right) {
    int[] a = left.codes();
    int[] b = right.codes();
    double sum = 0;
    double factor = 1;
    for (int g = 0; g < a.length; g++) {
      sum += 1 - encoding.distances(g)[a[g]][b[g]];
      factor *= factors[g][a[g]][b[g]];
    }
    double value = additive * sum + product * factor;
    return counts == 0
        ? value
        : value + counts * Math.exp(-countScale * encoding.square(left, right));
  }

  private double[][] countFactors() {
    double[][] tables = new double[encoding.alphabets()][];
    for (int l = 0; l < encoding.letters(); l++) {
      double scale = encoding.letterScale(l);
      // All genes use one letter here, another there.
      int most = (int) Math.round(2 / (scale * scale));
      double[] table = new double[most + 1];
      for (int sum = 0; sum <= most; sum++) {
        table[sum] = Math.exp(-countScale * scale * sum);
      }
      tables[encoding.alphabet(l)] = table;
    }
    return tables;
  }

  @Override
  public double[] row(Columns many, Point point) {
    int n = many.size();
    double[] row = new double[n];
    double[] factor = new double[n];
    Arrays.fill(factor, product);
    int[] codes = point.codes();
    for (int g = 0; g < codes.length; g++) {
      double[] distances = encoding.distances(g)[codes[g]];
      double[] gains = factors[g][codes[g]];
      int[] theirs = many.codes(g);
      for (int i = 0; i < n; i++) {
        row[i] += 1 - distances[theirs[i]];
        factor[i] *= gains[theirs[i]];
      }
    }
    for (int i = 0; i < n; i++) {
      row[i] = additive * row[i] + factor[i];
    }
    if (counts != 0) {
      addCounts(row, factor, many, point.counts());
    }
    return row;
  }

  /**
   * Adds the part on counts.
   *
   * @param factor overwritten
   */
  private void addCounts(double[] row, double[] factor, Columns many, int[] own) {
    Arrays.fill(factor, counts);
    int[] sums = new int[row.length];
    for (int l = 0; l < own.length; l++) {
      int[] theirs = many.counts(l);
      for (int i = 0; i < sums.length; i++) {
        int difference = theirs[i] - own[l];
        sums[i] += difference * difference;
      }
      if (l + 1 == own.length || encoding.alphabet(l + 1) != encoding.alphabet(l)) {
        double[] table = countFactors[encoding.alphabet(l)];
        for (int i = 0; i < sums.length; i++) {
          factor[i] *= table[sums[i]];
        }
        Arrays.fill(sums, 0);
      }
    }
    for (int i = 0; i < row.length; i++) {
      row[i] += factor[i];
    }
  }

  @Override
  public double variance() {
    return additive * encoding.genes() + product + counts;
  }

  @Override
  public double noise() {
    return noise;
  }
}
