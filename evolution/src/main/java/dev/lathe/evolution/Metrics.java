package dev.lathe.evolution;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The metrics that a problem reads, as plain arrays in a fixed order. */
final class Metrics {
  private final List<String> names;

  /** For each objective the place of the one metric that it is, or -1. */
  private final int[] plain;

  Metrics(SearchProblem problem) {
    Set<String> all = new LinkedHashSet<>();
    problem.objectives().forEach(objective -> all.addAll(objective.metrics()));
    problem.constraints().forEach(constraint -> all.add(constraint.metric()));
    this.names = new ArrayList<>(all);
    this.plain = new int[problem.objectives().size()];
    for (int i = 0; i < plain.length; i++) {
      plain[i] =
          problem.objectives().get(i) instanceof MetricObjective metric
              ? names.indexOf(metric.name())
              : -1;
    }
  }

  int size() {
    return names.size();
  }

  /**
   * The values of the metrics in this order.
   *
   * @throws IllegalArgumentException naming a metric that is missing
   */
  double[] values(Map<String, Double> metrics) {
    double[] values = new double[names.size()];
    for (int m = 0; m < values.length; m++) {
      values[m] = MetricObjective.read(metrics, names.get(m));
    }
    return values;
  }

  /** The costs of an architecture with these metrics. */
  double[] costs(SearchProblem problem, double[] values) {
    double[] costs = new double[plain.length];
    Map<String, Double> named = null;
    for (int i = 0; i < costs.length; i++) {
      Objective objective = problem.objectives().get(i);
      if (plain[i] >= 0) {
        costs[i] = objective.direction().cost(values[plain[i]]);
      } else {
        named = named == null ? named(values) : named;
        costs[i] = objective.direction().cost(objective.value(named));
      }
    }
    return costs;
  }

  double violation(SearchProblem problem, double[] values) {
    return problem.constraints().isEmpty() ? 0 : problem.violation(named(values));
  }

  private Map<String, Double> named(double[] values) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int m = 0; m < values.length; m++) {
      named.put(names.get(m), values[m]);
    }
    return named;
  }
}
