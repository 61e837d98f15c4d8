package dev.lathe.evolution;

import dev.lathe.evolution.surrogate.Encoding;
import dev.lathe.evolution.surrogate.Encoding.Point;
import dev.lathe.evolution.surrogate.GaussianProcess;
import dev.lathe.evolution.surrogate.GaussianProcess.Belief;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One model a metric, and one of success once something failed. What they hold is a function of the
 * trials alone: kernels are fitted to the first so many results, where the number grows in steps.
 */
final class Models {
  private static final double REFIT_GROWTH = 1.3;

  private final Metrics metrics;
  private final Encoding encoding;
  private List<GaussianProcess> processes = List.of();
  private @Nullable GaussianProcess success;
  private int[] held = new int[0];
  private int[] fittedOn = new int[0];

  Models(SearchProblem problem) {
    this.metrics = new Metrics(problem);
    this.encoding = new Encoding(problem.space());
  }

  Metrics metrics() {
    return metrics;
  }

  Point encode(Architecture architecture) {
    return encoding.encode(architecture);
  }

  /** Takes in all results so far. */
  void learn(Trials trials, List<Individual> measured) {
    int[] numbers = measured.stream().mapToInt(Individual::trial).toArray();
    int[] basis = Arrays.copyOf(numbers, basisSize(numbers.length));
    List<Point> points = measured.stream().map(i -> encode(i.architecture())).toList();
    boolean grown =
        numbers.length >= held.length
            && Arrays.equals(held, 0, held.length, numbers, 0, held.length);
    if (!Arrays.equals(basis, fittedOn) || !grown) {
      List<GaussianProcess> fitted = new ArrayList<>();
      for (int m = 0; m < metrics.size(); m++) {
        fitted.add(
            GaussianProcess.fitted(
                encoding,
                points.subList(0, basis.length),
                Arrays.copyOf(values(measured, m), basis.length)));
      }
      processes = fitted;
      fittedOn = basis;
    }
    held = numbers;
    for (int m = 0; m < metrics.size(); m++) {
      processes.get(m).observe(points, values(measured, m));
    }
    learnSuccess(trials);
  }

  private static int basisSize(int size) {
    double step = 10;
    while (step * REFIT_GROWTH <= size) {
      step *= REFIT_GROWTH;
    }
    return Math.min(size, (int) step);
  }

  private static double[] values(List<Individual> measured, int metric) {
    return measured.stream().mapToDouble(i -> i.metrics()[metric]).toArray();
  }

  /** Learns where evaluations fail, once one did: 1 for a success, 0 for a failure. */
  private void learnSuccess(Trials trials) {
    List<Point> points = new ArrayList<>();
    List<Double> successes = new ArrayList<>();
    boolean anyFailed = false;
    for (int trial = 0; trial < trials.size(); trial++) {
      Evaluation result = trials.result(trial);
      if (result != null) {
        boolean failed = result instanceof Evaluation.Failed;
        anyFailed |= failed;
        points.add(encode(trials.architecture(trial)));
        successes.add(failed ? 0.0 : 1.0);
      }
    }
    success = null;
    if (anyFailed) {
      success = GaussianProcess.unfitted(encoding);
      success.observe(points, successes.stream().mapToDouble(Double::doubleValue).toArray());
    }
  }

  double[] predict(Point point) {
    double[] values = new double[metrics.size()];
    for (int m = 0; m < values.length; m++) {
      values[m] = processes.get(m).predict(point);
    }
    return values;
  }

  List<Belief> beliefs(Point point) {
    List<Belief> beliefs = new ArrayList<>(processes.size());
    for (GaussianProcess process : processes) {
      beliefs.add(process.belief(point));
    }
    return beliefs;
  }

  double successProbability(Point point) {
    return success == null ? 1 : Math.clamp(success.predict(point), 0.02, 1);
  }
}
