package dev.lathe.evolution;

import java.util.Map;

/**
 * A bound on a metric. Constraints are feasibility rules, not penalties: a feasible architecture
 * always beats an infeasible one, and of two infeasible ones the smaller violation wins (Deb: An
 * efficient constraint handling method for genetic algorithms, 2000,
 * doi:10.1016/S0045-7825(99)00389-8).
 *
 * @param metric the metric's name; it need not be an objective
 * @param bound in the metric's unit
 */
public record Constraint(String metric, Sense sense, double bound) {
  /** On which side of the bound a value must be; the bound itself is feasible. */
  public enum Sense {
    AT_MOST,
    AT_LEAST
  }

  public Constraint {
    if (!Double.isFinite(bound)) {
      throw new IllegalArgumentException(
          "bound on '%s' is %s, must be finite. Maybe leave the constraint out."
              .formatted(metric, bound));
    }
  }

  public static Constraint atMost(String metric, double bound) {
    return new Constraint(metric, Sense.AT_MOST, bound);
  }

  public static Constraint atLeast(String metric, double bound) {
    return new Constraint(metric, Sense.AT_LEAST, bound);
  }

  /**
   * By how much the bound is missed, relative to the bound's size (absolute if the bound is 0), so
   * that violations in different units can be added; 0 if it is met.
   *
   * @throws IllegalArgumentException naming the metric if it is missing
   */
  public double violation(Map<String, Double> metrics) {
    double value = MetricObjective.read(metrics, metric);
    double excess = sense == Sense.AT_MOST ? value - bound : bound - value;
    return excess <= 0 ? 0 : excess / (bound == 0 ? 1 : Math.abs(bound));
  }
}
