package dev.lathe.latency;

import dev.lathe.latency.regression.GaussianProcess;
import dev.lathe.latency.regression.NonNegativeLeastSquares;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Latency as a sum of costs that are not negative, one a unit of each feature, fitted to relative
 * errors with outliers weighted down (Huber), and Gaussian processes on the logarithm of what is
 * left.
 *
 * @param names of the features that the samples have
 * @param millisPerUnit cost of each
 * @param residuals corrections, whose logarithms add up; mostly one or none
 */
record KernelCostModel(List<String> names, double[] millisPerUnit, List<Residual> residuals) {
  private static final double RIDGE = 1e-4;
  private static final double HUBER = 2.5;
  private static final int REWEIGHTINGS = 4;
  private static final double LEAST_MILLIS = 1e-6;

  /**
   * The logarithm of measurement over sum of costs, as a process on standardised log features.
   *
   * @param columns indices of the features used
   * @param means of their logarithms
   * @param deviations of their logarithms
   */
  record Residual(int[] columns, double[] means, double[] deviations, GaussianProcess process) {
    double logFactor(double[] row) {
      return process.predict(standardised(row, columns, means, deviations));
    }
  }

  /** A model with a residual; {@link #additive} is the one without. */
  static KernelCostModel fit(List<Sample> samples) {
    KernelCostModel costs = costsOnly(samples);
    double[][] rows =
        samples.stream().map(s -> row(costs.names, s.features())).toArray(double[][]::new);
    double[] millis = samples.stream().mapToDouble(Sample::millis).toArray();
    return new KernelCostModel(
        costs.names, costs.millisPerUnit, List.of(residual(rows, millis, costs.millisPerUnit)));
  }

  /** A model without a residual; quicker than {@link #fit}. */
  static KernelCostModel costsOnly(List<Sample> samples) {
    var union = new TreeSet<String>();
    samples.forEach(sample -> union.addAll(sample.features().values().keySet()));
    List<String> names = List.copyOf(union);
    double[][] rows = samples.stream().map(s -> row(names, s.features())).toArray(double[][]::new);
    double[] millis = samples.stream().mapToDouble(Sample::millis).toArray();
    return new KernelCostModel(names, costs(rows, millis), List.of());
  }

  /** With other costs. */
  KernelCostModel withCosts(double[] others) {
    return new KernelCostModel(names, others, residuals);
  }

  /** With one more correction, fitted to what is left of samples. */
  KernelCostModel corrected(List<Sample> samples) {
    double[][] rows = samples.stream().map(s -> row(names, s.features())).toArray(double[][]::new);
    double[] millis = samples.stream().mapToDouble(Sample::millis).toArray();
    double[] expected = samples.stream().mapToDouble(s -> millis(s.features())).toArray();
    return new KernelCostModel(
        names,
        millisPerUnit,
        Stream.concat(residuals.stream(), Stream.of(residualOver(rows, millis, expected)))
            .toList());
  }

  /** The same costs without a residual. */
  KernelCostModel additive() {
    return new KernelCostModel(names, millisPerUnit, List.of());
  }

  /** Whether the samples had all that a network has; what they had not costs nothing here. */
  boolean knows(FeatureVector features) {
    return features.values().entrySet().stream()
        .allMatch(feature -> feature.getValue() == 0 || names.contains(feature.getKey()));
  }

  double millis(FeatureVector features) {
    double[] row = row(names, features);
    double sum = Math.max(LEAST_MILLIS, dot(row, millisPerUnit));
    double logFactor = residuals.stream().mapToDouble(r -> r.logFactor(row)).sum();
    return sum * Math.exp(logFactor);
  }

  private static double[] costs(double[][] rows, double[] millis) {
    int n = rows.length;
    int features = rows[0].length;
    double[] scales = new double[features];
    for (int f = 0; f < features; f++) {
      for (int i = 0; i < n; i++) {
        scales[f] += rows[i][f] / millis[i] / n;
      }
      scales[f] = Math.max(scales[f], Double.MIN_NORMAL);
    }
    double[] weights = new double[n];
    Arrays.fill(weights, 1);
    double[] costs = new double[features];
    for (int round = 0; round < REWEIGHTINGS; round++) {
      double[][] a = new double[n][features];
      for (int i = 0; i < n; i++) {
        for (int f = 0; f < features; f++) {
          a[i][f] = weights[i] * rows[i][f] / millis[i] / scales[f];
        }
      }
      costs = NonNegativeLeastSquares.solve(a, weights, RIDGE * n);
      for (int f = 0; f < features; f++) {
        costs[f] /= scales[f];
      }
      double[] errors = new double[n];
      for (int i = 0; i < n; i++) {
        errors[i] = Math.abs(dot(rows[i], costs) / millis[i] - 1);
      }
      double[] sorted = errors.clone();
      Arrays.sort(sorted);
      double limit = Math.max(1e-6, HUBER * 1.4826 * sorted[n / 2]);
      for (int i = 0; i < n; i++) {
        weights[i] = errors[i] <= limit ? 1 : Math.sqrt(limit / errors[i]);
      }
    }
    return costs;
  }

  private static Residual residual(double[][] rows, double[] millis, double[] costs) {
    double[] expected = Arrays.stream(rows).mapToDouble(row -> dot(row, costs)).toArray();
    return residualOver(rows, millis, expected);
  }

  private static Residual residualOver(double[][] rows, double[] millis, double[] expected) {
    int n = rows.length;
    int features = rows[0].length;
    double[] means = new double[features];
    double[] deviations = new double[features];
    int[] columns = new int[features];
    int used = 0;
    for (int f = 0; f < features; f++) {
      double sum = 0;
      double squares = 0;
      for (double[] row : rows) {
        double log = Math.log1p(row[f]);
        sum += log;
        squares += log * log;
      }
      double mean = sum / n;
      double variance = squares / n - mean * mean;
      if (variance > 1e-9 * (1 + mean * mean)) {
        columns[used] = f;
        means[used] = mean;
        deviations[used] = Math.sqrt(variance);
        used++;
      }
    }
    int[] varying = Arrays.copyOf(columns, used);
    double[][] inputs = new double[n][];
    double[] logs = new double[n];
    for (int i = 0; i < n; i++) {
      inputs[i] = standardised(rows[i], varying, means, deviations);
      logs[i] = Math.log(millis[i] / Math.max(LEAST_MILLIS, expected[i]));
    }
    return new Residual(
        varying,
        Arrays.copyOf(means, used),
        Arrays.copyOf(deviations, used),
        GaussianProcess.fit(inputs, logs));
  }

  private static double[] standardised(
      double[] row, int[] columns, double[] means, double[] deviations) {
    double[] standardised = new double[Math.max(1, columns.length)];
    for (int i = 0; i < columns.length; i++) {
      standardised[i] = (Math.log1p(row[columns[i]]) - means[i]) / deviations[i];
    }
    return standardised;
  }

  private static double[] row(List<String> names, FeatureVector features) {
    return names.stream().mapToDouble(features::get).toArray();
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }
}
