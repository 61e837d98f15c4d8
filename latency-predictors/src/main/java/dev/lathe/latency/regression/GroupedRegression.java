package dev.lathe.latency.regression;

import java.util.Arrays;

/**
 * Bayesian linear regression for few samples whose features fall into groups, each group with a
 * prior variance of its own: the average over all candidates of a {@link PriorGrid}, weighted by
 * their evidence. Works on inner products of samples, so that features may be many.
 *
 * @param coefficients one a feature, in the order of the groups
 * @param logEvidence of each candidate, its prior weight not included
 * @param noise geometric mean of the candidates' noise variances, by their posterior weights
 */
public record GroupedRegression(double[] coefficients, double[] logEvidence, double noise) {
  /**
   * Fits.
   *
   * @param rows [sample][group][feature]
   * @param targets one a sample
   * @param noiseScales factor of each sample's noise variance
   */
  public static GroupedRegression fit(
      double[][][] rows, double[] targets, double[] noiseScales, PriorGrid grid) {
    int n = rows.length;
    int groups = rows[0].length;
    double[][][] products = products(rows);
    double[][] weighted = new double[grid.size()][];
    double[] evidence = new double[grid.size()];
    double[] kernel = new double[n * n];
    for (int c = 0; c < grid.size(); c++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double sum = 0;
          for (int g = 0; g < groups; g++) {
            sum += grid.variances()[c][g] * products[g][i][j];
          }
          kernel[i * n + j] = sum;
        }
        kernel[i * n + i] += grid.noises()[c] * noiseScales[i];
      }
      double logDeterminant = Cholesky.factor(kernel, n);
      double[] alpha = Cholesky.solve(kernel, n, targets);
      double quadratic = 0;
      for (int i = 0; i < n; i++) {
        quadratic += targets[i] * alpha[i];
      }
      evidence[c] = -0.5 * quadratic - 0.5 * logDeterminant;
      weighted[c] = alpha;
    }
    double[] posterior = PriorGrid.softmax(evidence, grid.logWeights());
    double logNoise = 0;
    double[][] mean = new double[groups][n];
    for (int c = 0; c < grid.size(); c++) {
      logNoise += posterior[c] * Math.log(grid.noises()[c]);
      for (int g = 0; g < groups; g++) {
        for (int i = 0; i < n; i++) {
          mean[g][i] += posterior[c] * grid.variances()[c][g] * weighted[c][i];
        }
      }
    }
    return new GroupedRegression(coefficients(rows, mean), evidence, Math.exp(logNoise));
  }

  /** The value for a row of [group][feature]. */
  public double predict(double[][] row) {
    double sum = 0;
    int at = 0;
    for (double[] group : row) {
      for (double value : group) {
        sum += coefficients[at++] * value;
      }
    }
    return sum;
  }

  private static double[][][] products(double[][][] rows) {
    int n = rows.length;
    int groups = rows[0].length;
    double[][][] products = new double[groups][n][n];
    for (int g = 0; g < groups; g++) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double sum = 0;
          for (int f = 0; f < rows[i][g].length; f++) {
            sum += rows[i][g][f] * rows[j][g][f];
          }
          products[g][i][j] = sum;
        }
      }
    }
    return products;
  }

  private static double[] coefficients(double[][][] rows, double[][] mean) {
    int size = Arrays.stream(rows[0]).mapToInt(group -> group.length).sum();
    double[] coefficients = new double[size];
    for (int i = 0; i < rows.length; i++) {
      int at = 0;
      for (int g = 0; g < mean.length; g++) {
        for (double value : rows[i][g]) {
          coefficients[at++] += mean[g][i] * value;
        }
      }
    }
    return coefficients;
  }
}
