package dev.lathe.latency.table;

import dev.lathe.latency.regression.Cholesky;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What is expected of the logarithms of a new device's block costs ({@link BlockLogs}) before it is
 * measured: the mean of the sources, and a covariance that is a weighted sum over the ways in which
 * a device may differ from them. The weights are those under which each source is most probable
 * when the others are known.
 */
final class BlockPrior {
  /** Ways to differ, in the order of {@link #ways}. */
  private enum Way {
    /** All costs by one factor. */
    SCALE(0.1),
    /** As one source differs from the mean. */
    SOURCE(0.3),
    /** The rest of the network by a factor. */
    REST(0.3),
    /** As a device that is bound by one quantity differs from the mean. */
    BOUND(0.1),
    /** What is known of a block (its work, its memory) costs more. */
    QUANTITY(0.03),
    /** A choice costs more in all layers. */
    CHOICE(0.1),
    /** Neighbouring layers cost more, whatever the choice. */
    DEPTH(0.1),
    /** A choice costs more in neighbouring layers. */
    CHOICE_IN_DEPTH(0.1),
    /** All choices of one kind of gene cost more. */
    KIND(0.03),
    /** One block alone costs more. */
    BLOCK(0.03);

    private final double start;

    Way(double start) {
      this.start = start;
    }
  }

  private static final int ROUNDS = 2;
  private static final double[] STEPS = {3, 1 / 3.0};
  private static final double LEAST = 1e-5;
  private static final double LARGEST = 30;
  private static final double[] STRANGER = {1, 4, 16};
  private static final double[] ALIKE = {0.25, 1};
  private static final double LEAST_LARGE = 0.03;
  private static final double DEPTH_LENGTH = 0.2;

  /** Share of the mean block that every block takes, whatever the bound. */
  private static final double LEAST_BOUND = 0.03;

  private final double[] mean;
  private final List<double[]> sources;
  private final double[][] bounds;
  private final double[][] ways;

  /** The ways of a new device to differ from some sources. */
  BlockPrior(BlockLogs logs, int... devices) {
    int n = logs.entries();
    this.mean = new double[n];
    this.sources = Arrays.stream(devices).mapToObj(logs::of).toList();
    for (int device : devices) {
      for (int e = 0; e < n; e++) {
        mean[e] += logs.of(device)[e] / devices.length;
      }
    }
    double[][] differences = new double[devices.length][n];
    for (int s = 0; s < devices.length; s++) {
      for (int e = 0; e < n; e++) {
        differences[s][e] = (logs.of(devices[s])[e] - mean[e]) / Math.sqrt(devices.length - 1.0);
      }
    }
    double[][] quantities = quantities(logs);
    this.bounds = bounds(logs);
    double[][] bounded = logsOver(bounds, mean);
    double depth = Math.max(1, logs.encoding().kinds() - 1);
    boolean choices = logs.encoding().sameChoices();
    ways = new double[Way.values().length][n * n];
    for (Way way : Way.values()) {
      double[] covariance = ways[way.ordinal()];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          boolean same = choices && logs.choice(i) == logs.choice(j);
          double near =
              Math.exp(-0.5 * Math.pow((logs.kind(i) - logs.kind(j)) / depth / DEPTH_LENGTH, 2));
          boolean blocks = i > 0 && j > 0;
          covariance[i * n + j] =
              switch (way) {
                case SCALE -> 1;
                case SOURCE -> dot(differences, i, j);
                case REST -> i == 0 && j == 0 ? 1 : 0;
                case BOUND -> blocks ? dot(bounded, i, j) : 0;
                case QUANTITY -> blocks ? dot(quantities, i, j) : 0;
                case CHOICE -> blocks && same ? 1 : 0;
                case DEPTH -> blocks ? near : 0;
                case CHOICE_IN_DEPTH -> blocks && same ? near : 0;
                case KIND -> blocks && logs.kind(i) == logs.kind(j) ? 1 : 0;
                case BLOCK -> blocks && i == j ? 1 : 0;
              };
        }
      }
    }
  }

  private static double dot(double[][] vectors, int i, int j) {
    double sum = 0;
    for (double[] vector : vectors) {
      sum += vector[i] * vector[j];
    }
    return sum;
  }

  /** Costs on devices that are bound by one thing alone, in units of their mean over the blocks. */
  private static double[][] bounds(BlockLogs logs) {
    int n = logs.entries();
    double[][] bounds = logs.encoding().bounds();
    double[][] rows = new double[bounds.length][n];
    for (int b = 0; b < bounds.length; b++) {
      double[] row = rows[b];
      for (int e = 1; e < n; e++) {
        double[] known = logs.known(e);
        for (int q = 0; q < known.length; q++) {
          row[e] += bounds[b][q] * known[q];
        }
      }
      double average = Arrays.stream(row, 1, n).average().orElse(1);
      Arrays.setAll(row, e -> e == 0 ? 0 : row[e] / average + LEAST_BOUND);
    }
    return rows;
  }

  /** Logarithms of these costs, less the mean of the sources; of mean 0 over the blocks. */
  private static double[][] logsOver(double[][] bounds, double[] mean) {
    double[][] rows = new double[bounds.length][mean.length];
    for (int b = 0; b < bounds.length; b++) {
      double[] row = rows[b];
      double[] bound = bounds[b];
      Arrays.setAll(row, e -> e == 0 ? 0 : Math.log(bound[e]) - mean[e]);
      double middle = Arrays.stream(row, 1, row.length).average().orElse(0);
      Arrays.setAll(row, e -> e == 0 ? 0 : (row[e] - middle) / Math.sqrt(bounds.length));
    }
    return rows;
  }

  /** Logarithms of what is known of blocks, each of mean 0 and deviation 1 over the entries. */
  private static double[][] quantities(BlockLogs logs) {
    int n = logs.entries();
    int count = logs.encoding().blocks(0)[0].length;
    double[][] rows = new double[count][n];
    for (int q = 0; q < count; q++) {
      double[] row = rows[q];
      for (int e = 1; e < n; e++) {
        row[e] = logs.known(e)[q];
      }
      double[] present = Arrays.stream(row).filter(v -> v > 0).sorted().toArray();
      double unit = present.length == 0 ? 1 : present[present.length / 2];
      Arrays.setAll(row, e -> Math.log1p(row[e] / unit));
      double average = Arrays.stream(row, 1, n).average().orElse(0);
      double variance =
          Arrays.stream(row, 1, n).map(v -> (v - average) * (v - average)).average().orElse(0);
      double scale = variance > 1e-12 ? 1 / Math.sqrt(variance) : 0;
      Arrays.setAll(row, e -> e == 0 ? 0 : (row[e] - average) * scale);
    }
    return rows;
  }

  /** The covariance for weights of the ways, as rows in one array. */
  double[] covariance(double[] weights) {
    double[] sum = new double[mean.length * mean.length];
    for (int w = 0; w < weights.length; w++) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weights[w] * ways[w][i];
      }
    }
    return sum;
  }

  /** What the logarithms may be spread around, and the weights of the ways to differ. */
  record Candidate(double[] mean, double[] weights) {}

  /**
   * Candidates: the mean of the sources with the weights learned; what a device stranger than the
   * sources may need, with all of the weights larger or one of them; and each source, for a device
   * that is like it.
   */
  List<Candidate> candidates(double[] learned) {
    List<Candidate> candidates = new ArrayList<>();
    for (double factor : STRANGER) {
      candidates.add(new Candidate(mean, times(learned, factor)));
    }
    for (int w = 0; w < learned.length; w++) {
      double[] weights = learned.clone();
      weights[w] = Math.max(10 * learned[w], LEAST_LARGE);
      candidates.add(new Candidate(mean, weights));
    }
    for (double[] mean : means()) {
      for (double factor : ALIKE) {
        candidates.add(new Candidate(mean, times(learned, factor)));
      }
    }
    return candidates;
  }

  /** Each source; and half of a source, half of a device with one bound. */
  private List<double[]> means() {
    List<double[]> means = new ArrayList<>(sources);
    for (double[] bound : bounds) {
      for (double[] source : sources) {
        double[] half = source.clone();
        double share = 0;
        for (int e = 1; e < half.length; e++) {
          share += Math.exp(source[e]) / (half.length - 1);
        }
        double unit = share;
        Arrays.setAll(
            half,
            e -> e == 0 ? source[0] : Math.log(0.5 * Math.exp(source[e]) + 0.5 * unit * bound[e]));
        means.add(half);
      }
    }
    return means;
  }

  private static double[] times(double[] weights, double factor) {
    return Arrays.stream(weights).map(weight -> weight * factor).toArray();
  }

  /** Learns the weights by taking each of the sources in turn for the new device. */
  static double[] learn(BlockLogs logs, int... devices) {
    Task[] tasks = new Task[devices.length];
    for (int t = 0; t < tasks.length; t++) {
      int left = devices[t];
      BlockPrior prior =
          new BlockPrior(logs, IntStream.of(devices).filter(d -> d != left).toArray());
      double[] difference = new double[logs.entries()];
      Arrays.setAll(difference, e -> logs.of(left)[e] - prior.mean[e]);
      tasks[t] = new Task(prior, difference, logs.variances(left));
    }
    double[] best = Arrays.stream(Way.values()).mapToDouble(way -> way.start).toArray();
    double likelihood = likelihood(tasks, best);
    for (int round = 0; round < ROUNDS; round++) {
      for (int w = 0; w < best.length; w++) {
        for (double step : STEPS) {
          boolean better = true;
          while (better) {
            double[] trial = best.clone();
            trial[w] *= step;
            double other =
                trial[w] < LEAST || trial[w] > LARGEST
                    ? Double.NEGATIVE_INFINITY
                    : likelihood(tasks, trial);
            better = other > likelihood;
            if (better) {
              best = trial;
              likelihood = other;
            }
          }
        }
      }
    }
    return best;
  }

  private record Task(BlockPrior prior, double[] difference, double[] variances) {}

  private static double likelihood(Task[] tasks, double[] weights) {
    return Arrays.stream(tasks)
        .parallel()
        .mapToDouble(
            task -> {
              int n = task.difference.length;
              double[] covariance = task.prior.covariance(weights);
              for (int e = 0; e < n; e++) {
                covariance[e * n + e] += task.variances[e] + 1e-6;
              }
              double logDeterminant = Cholesky.factor(covariance, n);
              double[] solved = Cholesky.solve(covariance, n, task.difference);
              double quadratic = 0;
              for (int e = 0; e < n; e++) {
                quadratic += solved[e] * task.difference[e];
              }
              return -0.5 * (quadratic + logDeterminant);
            })
        .sum();
  }
}
