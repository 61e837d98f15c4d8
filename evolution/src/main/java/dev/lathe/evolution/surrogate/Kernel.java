package dev.lathe.evolution.surrogate;

import dev.lathe.evolution.surrogate.Encoding.Point;

/**
 * Covariance of two architectures: a sum of an additive part (each gene for itself), a product part
 * (genes interact, each with its own length scale) and a part on letter counts (what is used,
 * wherever). Parameters are logarithms, in this order: amplitudes of the three parts, noise
 * variance, scale of the counts, then one weight a gene.
 */
final class Kernel {
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

  Kernel(Encoding encoding, double[] logarithms) {
    this.encoding = encoding;
    this.additive = Math.exp(logarithms[ADDITIVE]) / encoding.genes();
    this.product = Math.exp(logarithms[PRODUCT]);
    this.counts = encoding.counts() == 0 ? 0 : Math.exp(logarithms[COUNTS]);
    this.noise = Math.exp(logarithms[NOISE]);
    this.countScale = Math.exp(logarithms[COUNT_SCALE]);
    this.factors = new double[encoding.genes()][][];
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
    double[] logarithms = new double[WEIGHTS + encoding.genes() + encoding.counts()];
    logarithms[ADDITIVE] = Math.log(0.4);
    logarithms[PRODUCT] = Math.log(0.4);
    logarithms[COUNTS] = Math.log(0.4);
    logarithms[NOISE] = Math.log(0.03);
    logarithms[COUNT_SCALE] = Math.log(0.5);
    double weight = Math.log(1.5 / Math.sqrt(encoding.genes()));
    for (int g = 0; g < encoding.genes(); g++) {
      logarithms[WEIGHTS + g] = weight;
    }
    for (int l = 0; l < encoding.counts(); l++) {
      logarithms[WEIGHTS + encoding.genes() + l] = Math.log(0.5);
    }
    return logarithms;
  }

  static double[] letterWeights(Encoding encoding, double[] logarithms) {
    double[] weights = new double[encoding.counts()];
    for (int l = 0; l < weights.length; l++) {
      weights[l] = Math.exp(logarithms[WEIGHTS + encoding.genes() + l]);
    }
    return weights;
  }

  double of(Point left, Point right) {
    int[] a = left.codes();
    int[] b = right.codes();
    double sum = 0;
    double factor = 1;
    for (int g = 0; g < a.length; g++) {
      sum += 1 - encoding.distances(g)[a[g]][b[g]];
      factor *= factors[g][a[g]][b[g]];
    }
    double value = additive * sum + product * factor;
    return counts == 0 ? value : value + counts * Math.exp(-countScale * square(left, right));
  }

  /** Variance of an architecture's true value before anything is known; equal for all. */
  double variance() {
    return additive * encoding.genes() + product + counts;
  }

  double noise() {
    return noise;
  }

  static double square(Point left, Point right) {
    double[] a = left.counts();
    double[] b = right.counts();
    double square = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = a[i] - b[i];
      square += difference * difference;
    }
    return square;
  }
}
