package dev.lathe.latency.regression;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Candidate settings of a {@link GroupedRegression}: prior variances of its feature groups and of
 * the noise, drawn log-uniformly, each with a logarithmic weight.
 *
 * @param variances [candidate][group]
 * @param noises [candidate]
 * @param logWeights [candidate]
 */
public record PriorGrid(double[][] variances, double[] noises, double[] logWeights) {
  /**
   * Draws candidates of equal weight.
   *
   * @param least smallest variance of each group, then of the noise
   * @param largest likewise
   */
  public static PriorGrid draw(
      int candidates, double[] least, double[] largest, RandomGenerator random) {
    int groups = least.length - 1;
    double[][] variances = new double[candidates][groups];
    double[] noises = new double[candidates];
    for (int c = 0; c < candidates; c++) {
      for (int g = 0; g <= groups; g++) {
        double log =
            Math.log(least[g]) + random.nextDouble() * (Math.log(largest[g]) - Math.log(least[g]));
        if (g < groups) {
          variances[c][g] = Math.exp(log);
        } else {
          noises[c] = Math.exp(log);
        }
      }
    }
    return new PriorGrid(variances, noises, new double[candidates]);
  }

  /** The number of candidates. */
  public int size() {
    return noises.length;
  }

  /** The variance of each group, the weighted mean over the candidates. */
  public double[] meanVariances() {
    double[] weights = softmax(logWeights, new double[size()]);
    double[] means = new double[variances[0].length];
    for (int c = 0; c < size(); c++) {
      for (int g = 0; g < means.length; g++) {
        means[g] += weights[c] * variances[c][g];
      }
    }
    return means;
  }

  /** The variance of the noise, the weighted mean over the candidates. */
  public double meanNoise() {
    double[] weights = softmax(logWeights, new double[size()]);
    double mean = 0;
    for (int c = 0; c < size(); c++) {
      mean += weights[c] * noises[c];
    }
    return mean;
  }

  /**
   * Weights under which the given tasks are most probable (expectation maximisation over the
   * mixture's weights).
   *
   * @param logEvidence [task][candidate]
   */
  public PriorGrid learn(double[][] logEvidence, int rounds) {
    double[] logs = new double[size()];
    Arrays.fill(logs, -Math.log(size()));
    for (int round = 0; round < rounds; round++) {
      double[] mean = new double[size()];
      for (double[] task : logEvidence) {
        double[] posterior = softmax(task, logs);
        for (int c = 0; c < mean.length; c++) {
          mean[c] += posterior[c] / logEvidence.length;
        }
      }
      for (int c = 0; c < logs.length; c++) {
        logs[c] = Math.log(mean[c] + 1e-6);
      }
    }
    return new PriorGrid(variances, noises, logs);
  }

  /** Probabilities proportional to exp(left + right). */
  static double[] softmax(double[] left, double[] right) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < left.length; i++) {
      largest = Math.max(largest, left[i] + right[i]);
    }
    double sum = 0;
    double[] result = new double[left.length];
    for (int i = 0; i < left.length; i++) {
      result[i] = Math.exp(left[i] + right[i] - largest);
      sum += result[i];
    }
    for (int i = 0; i < left.length; i++) {
      result[i] /= sum;
    }
    return result;
  }
}
