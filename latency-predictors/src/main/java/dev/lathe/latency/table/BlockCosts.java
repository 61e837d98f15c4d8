package dev.lathe.latency.table;

import dev.lathe.latency.regression.Cholesky;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Costs of blocks on a new device from a few latencies of whole networks. A cost is the sum of the
 * {@link BlockParts}, each by a weight of the device, times a factor of the block alone. The
 * logarithms of weights and factors are normal: the weights' so widely that most parts may be next
 * to nothing, the factors' narrowly. The networks' sums are fitted by Gauss–Newton steps (the
 * iterated extended Kalman filter: Bell, Cathey 1993, doi:10.1109/9.250476), with less and less
 * noise. The result is the mean over these variances of the noise, by their evidence (Laplace's
 * approximation).
 */
final class BlockCosts {
  /** Variances of a measurement in units of the mean latency, one after the other. */
  private static final double[] NOISES = {3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4};

  /** Prior variances of the logarithms of weights, of blocks' own factors, of the rest. */
  private static final double WEIGHT = 144;

  private static final double BLOCK = 0.01;
  private static final double REST = 0.2;

  private static final int MOST_STEPS = 12;
  private static final double CONVERGED = 1e-6;
  private static final double LEAST_MOVE = 1e-3;
  private static final double LARGEST_LOG = 20;

  private final BlockParts parts;

  BlockCosts(BlockParts parts) {
    this.parts = parts;
  }

  /** A fit: the costs of the entries, in milliseconds. */
  record Fit(BlockParts parts, double[] costs) {
    double millis(Architecture architecture) {
      return dot(parts.counts(architecture), costs);
    }
  }

  Fit fit(List<MeasuredArchitecture> samples) {
    double unit =
        samples.stream().mapToDouble(MeasuredArchitecture::millis).average().orElseThrow();
    double[] targets = samples.stream().mapToDouble(s -> s.millis() / unit).toArray();
    double[][] counts =
        samples.stream().map(s -> parts.counts(s.architecture())).toArray(double[][]::new);
    List<Solution> solutions = new ArrayList<>();
    Steps steps = new Steps(parts, counts, targets);
    for (double noise : NOISES) {
      solutions.add(steps.solve(noise));
    }
    double best = solutions.stream().mapToDouble(Solution::logEvidence).max().orElseThrow();
    double sum = solutions.stream().mapToDouble(s -> Math.exp(s.logEvidence - best)).sum();
    double[] costs = new double[parts.entries()];
    for (Solution solution : solutions) {
      double weight = unit * Math.exp(solution.logEvidence - best) / sum;
      Arrays.setAll(costs, e -> costs[e] + weight * solution.costs[e]);
    }
    return new Fit(parts, costs);
  }

  private record Solution(double[] costs, double logEvidence) {}

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }

  /** The steps. Unknowns are the logarithms of the parts' weights, then of the entries' factors. */
  private static final class Steps {
    private final BlockParts parts;
    private final double[][] counts;
    private final double[] targets;
    private final double[] mean;
    private final double[] variances;
    private State state;

    Steps(BlockParts parts, double[][] counts, double[] targets) {
      this.parts = parts;
      this.counts = counts;
      this.targets = targets;
      this.mean = new double[parts.count() + parts.entries()];
      this.variances = new double[mean.length];
      Arrays.fill(variances, BLOCK);
      Arrays.fill(variances, 0, parts.count(), WEIGHT);
      for (int p = 0; p < parts.count(); p++) {
        mean[p] = parts.expected(p);
      }
      mean[parts.count()] = parts.rest();
      variances[parts.count()] = REST;
      this.state = at(mean);
    }

    /**
     * Values of the unknowns and what follows from them.
     *
     * @param weighted parts of the entries, each by its weight
     * @param costs of the entries
     * @param errors of the samples
     */
    private record State(double[] values, double[][] weighted, double[] costs, double[] errors) {
      double objective(double[] mean, double[] variances, double noise) {
        double sum = dot(errors, errors) / noise;
        for (int i = 0; i < mean.length; i++) {
          sum += (values[i] - mean[i]) * (values[i] - mean[i]) / variances[i];
        }
        for (double cost : costs) {
          if (!(Math.abs(Math.log(cost)) < LARGEST_LOG)) {
            return Double.POSITIVE_INFINITY;
          }
        }
        return 0.5 * sum;
      }
    }

    private State at(double[] values) {
      int count = parts.count();
      double[] weights = Arrays.stream(values, 0, count).map(Math::exp).toArray();
      double[][] weighted = new double[parts.entries()][count];
      double[] costs = new double[weighted.length];
      for (int e = 0; e < costs.length; e++) {
        double factor = Math.exp(values[count + e]);
        if (e == 0) {
          costs[0] = factor;
          continue;
        }
        double[] ofEntry = parts.of(e);
        for (int p = 0; p < count; p++) {
          weighted[e][p] = factor * weights[p] * ofEntry[p];
          costs[e] += weighted[e][p];
        }
      }
      double[] errors = new double[targets.length];
      Arrays.setAll(errors, i -> targets[i] - dot(counts[i], costs));
      return new State(values, weighted, costs, errors);
    }

    Solution solve(double noise) {
      int samples = targets.length;
      double objective = state.objective(mean, variances, noise);
      double logDeterminant = 0;
      for (int step = 0; step < MOST_STEPS; step++) {
        double[][] slopes = slopes();
        double[] system = new double[samples * samples];
        double[] right = new double[samples];
        for (int i = 0; i < samples; i++) {
          right[i] = state.errors[i];
          for (int u = 0; u < mean.length; u++) {
            right[i] += slopes[i][u] * (state.values[u] - mean[u]);
          }
          for (int j = 0; j <= i; j++) {
            double sum = i == j ? noise : 0;
            for (int u = 0; u < mean.length; u++) {
              sum += slopes[i][u] * variances[u] * slopes[j][u];
            }
            system[i * samples + j] = sum;
          }
        }
        logDeterminant = Cholesky.factor(system, samples);
        double[] weights = Cholesky.solve(system, samples, right);
        double before = objective;
        objective = move(slopes, weights, objective, noise);
        if (before - objective < CONVERGED * (1 + before)) {
          break;
        }
      }
      return new Solution(state.costs, -objective - 0.5 * logDeterminant);
    }

    /** Derivatives of the samples' latencies: [sample][unknown]. */
    private double[][] slopes() {
      int count = parts.count();
      double[][] slopes = new double[targets.length][mean.length];
      for (int i = 0; i < slopes.length; i++) {
        for (int e = 0; e < parts.entries(); e++) {
          if (counts[i][e] != 0) {
            slopes[i][count + e] = counts[i][e] * state.costs[e];
            for (int p = 0; p < count; p++) {
              slopes[i][p] += counts[i][e] * state.weighted[e][p];
            }
          }
        }
      }
      return slopes;
    }

    /** Goes as far towards the solution of the linear problem as it helps; the new objective. */
    private double move(double[][] slopes, double[] weights, double objective, double noise) {
      double[] to = mean.clone();
      for (int i = 0; i < weights.length; i++) {
        for (int u = 0; u < to.length; u++) {
          to[u] += weights[i] * variances[u] * slopes[i][u];
        }
      }
      double[] from = state.values;
      for (double share = 1; share > LEAST_MOVE; share /= 2) {
        double[] values = new double[to.length];
        for (int u = 0; u < values.length; u++) {
          values[u] = from[u] + share * (to[u] - from[u]);
        }
        State trial = at(values);
        double reached = trial.objective(mean, variances, noise);
        if (reached < objective) {
          state = trial;
          return reached;
        }
      }
      return objective;
    }
  }
}
