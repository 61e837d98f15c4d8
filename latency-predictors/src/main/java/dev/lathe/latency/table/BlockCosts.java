package dev.lathe.latency.table;

import dev.lathe.latency.regression.Cholesky;
import dev.lathe.latency.table.BlockPrior.Candidate;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Costs of blocks on a new device from a few latencies of whole networks. The logarithms of the
 * costs have a {@link BlockPrior}, so that costs are positive and differ by factors; the networks'
 * sums are fitted by Gauss–Newton steps (the iterated extended Kalman filter: Bell, Cathey 1993,
 * doi:10.1109/9.250476), with less and less noise. The result is the mean over candidates for the
 * prior's weights and the noise by their evidence (Laplace's approximation).
 */
final class BlockCosts {
  /** Variances of a measurement in units of the mean latency, one after the other. */
  private static final double[] NOISES = {1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 1e-5, 1e-6};

  private static final int MOST_STEPS = 8;
  private static final double CONVERGED = 1e-7;
  private static final double LARGEST_LOG = 20;

  private final BlockLogs logs;
  private final BlockPrior prior;
  private final List<Candidate> candidates;

  BlockCosts(BlockLogs logs, BlockPrior prior, List<Candidate> candidates) {
    this.logs = logs;
    this.prior = prior;
    this.candidates = candidates;
  }

  /** Learns from sources. */
  static BlockCosts learn(SourceModels models, int... devices) {
    BlockLogs logs = new BlockLogs(models);
    double[] weights = BlockPrior.learn(logs, devices);
    BlockPrior prior = new BlockPrior(logs, devices);
    return new BlockCosts(logs, prior, prior.candidates(weights));
  }

  /** The same with the {@code count} candidates that explain the samples best. */
  BlockCosts narrowed(List<MeasuredArchitecture> samples, int count) {
    record Scored(Candidate candidate, double evidence) {}
    List<Candidate> kept =
        candidates.stream()
            .map(
                candidate ->
                    new Scored(
                        candidate,
                        solutions(candidate, samples).stream()
                            .mapToDouble(Solution::logEvidence)
                            .max()
                            .orElse(Double.NEGATIVE_INFINITY)))
            .sorted(Comparator.comparingDouble(Scored::evidence).reversed())
            .limit(count)
            .map(Scored::candidate)
            .toList();
    return new BlockCosts(logs, prior, kept);
  }

  /** A fit: the costs of the entries, in milliseconds. */
  record Fit(BlockLogs logs, double[] costs, double logEvidence) {
    double millis(Architecture architecture) {
      double[] counts = logs.counts(architecture);
      double sum = 0;
      for (int e = 0; e < costs.length; e++) {
        sum += costs[e] * counts[e];
      }
      return sum;
    }
  }

  Fit fit(List<MeasuredArchitecture> samples) {
    double unit = unit(samples);
    List<Solution> solutions = new ArrayList<>();
    for (Candidate candidate : candidates) {
      solutions.addAll(solutions(candidate, samples));
    }
    double best = solutions.stream().mapToDouble(Solution::logEvidence).max().orElseThrow();
    double sum = solutions.stream().mapToDouble(s -> Math.exp(s.logEvidence - best)).sum();
    double[] costs = new double[logs.entries()];
    for (Solution solution : solutions) {
      double weight = unit * Math.exp(solution.logEvidence - best) / sum;
      for (int e = 0; e < costs.length; e++) {
        costs[e] += weight * Math.exp(solution.logs[e]);
      }
    }
    return new Fit(logs, costs, best + Math.log(sum / solutions.size()));
  }

  private static double unit(List<MeasuredArchitecture> samples) {
    return samples.stream().mapToDouble(MeasuredArchitecture::millis).average().orElseThrow();
  }

  private record Solution(double[] logs, double logEvidence) {}

  /** One solution a noise. */
  private List<Solution> solutions(Candidate candidate, List<MeasuredArchitecture> samples) {
    double unit = unit(samples);
    double[][] counts =
        samples.stream().map(s -> logs.counts(s.architecture())).toArray(double[][]::new);
    double[] targets = samples.stream().mapToDouble(s -> s.millis() / unit).toArray();
    Steps steps =
        new Steps(candidate.mean(), prior.covariance(candidate.weights()), counts, targets);
    return Arrays.stream(NOISES).mapToObj(steps::solve).toList();
  }

  /** Where the steps have come to; the logarithms are mean + covariance · dual. */
  private static final class Steps {
    private final double[] mean;
    private final double[] covariance;
    private final double[][] counts;
    private final double[] targets;
    private final int entries;
    private final int samples;
    private double[] at;
    private double[] dual;

    Steps(double[] mean, double[] covariance, double[][] counts, double[] targets) {
      this.mean = mean;
      this.covariance = covariance;
      this.counts = counts;
      this.targets = targets;
      this.entries = mean.length;
      this.samples = targets.length;
      this.at = mean.clone();
      this.dual = new double[entries];
    }

    Solution solve(double noise) {
      double objective = objective(at, dual, noise);
      double logDeterminant = 0;
      for (int step = 0; step < MOST_STEPS; step++) {
        double[][] slopes = new double[samples][entries];
        double[][] spread = new double[samples][];
        double[] right = new double[samples];
        for (int i = 0; i < samples; i++) {
          right[i] = targets[i];
          for (int e = 0; e < entries; e++) {
            slopes[i][e] = counts[i][e] == 0 ? 0 : counts[i][e] * Math.exp(at[e]);
            right[i] += slopes[i][e] * (at[e] - mean[e] - 1);
          }
          spread[i] = times(slopes[i]);
        }
        double[] system = new double[samples * samples];
        for (int i = 0; i < samples; i++) {
          for (int j = 0; j <= i; j++) {
            double sum = i == j ? noise : 0;
            for (int e = 0; e < entries; e++) {
              sum += slopes[i][e] * spread[j][e];
            }
            system[i * samples + j] = sum;
          }
        }
        logDeterminant = Cholesky.factor(system, samples);
        double[] weights = Cholesky.solve(system, samples, right);
        double before = objective;
        objective = move(slopes, spread, weights, objective, noise);
        if (before - objective < CONVERGED * (1 + Math.abs(before))) {
          break;
        }
      }
      return new Solution(at.clone(), -objective - 0.5 * logDeterminant);
    }

    /** Goes as far towards the solution of the linear problem as it helps; the new objective. */
    private double move(
        double[][] slopes, double[][] spread, double[] weights, double objective, double noise) {
      double[] to = mean.clone();
      double[] toDual = new double[entries];
      for (int i = 0; i < samples; i++) {
        for (int e = 0; e < entries; e++) {
          to[e] += weights[i] * spread[i][e];
          toDual[e] += weights[i] * slopes[i][e];
        }
      }
      for (double share = 1; share > 1e-3; share /= 2) {
        double[] trial = new double[entries];
        double[] trialDual = new double[entries];
        for (int e = 0; e < entries; e++) {
          trial[e] = at[e] + share * (to[e] - at[e]);
          trialDual[e] = dual[e] + share * (toDual[e] - dual[e]);
        }
        double reached = objective(trial, trialDual, noise);
        if (reached < objective) {
          at = trial;
          dual = trialDual;
          return reached;
        }
      }
      return objective;
    }

    private double objective(double[] logs, double[] dual, double noise) {
      double sum = 0;
      for (int e = 0; e < entries; e++) {
        if (Math.abs(logs[e]) > LARGEST_LOG) {
          return Double.POSITIVE_INFINITY;
        }
        sum += dual[e] * (logs[e] - mean[e]);
      }
      for (int i = 0; i < samples; i++) {
        double error = targets[i];
        for (int e = 0; e < entries; e++) {
          error -= counts[i][e] == 0 ? 0 : counts[i][e] * Math.exp(logs[e]);
        }
        sum += error * error / noise;
      }
      return 0.5 * sum;
    }

    private double[] times(double[] vector) {
      double[] product = new double[entries];
      for (int f = 0; f < entries; f++) {
        if (vector[f] != 0) {
          for (int e = 0; e < entries; e++) {
            product[e] += covariance[f * entries + e] * vector[f];
          }
        }
      }
      return product;
    }
  }
}
