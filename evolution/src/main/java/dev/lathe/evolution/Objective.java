package dev.lathe.evolution;

import dev.lathe.metric.Direction;
import java.util.List;
import java.util.Map;

/** What a search makes small or large: one number, computed from the metrics of an evaluation. */
public sealed interface Objective permits MetricObjective, MnasReward {
  /** Its name, unique within a problem. */
  String name();

  Direction direction();

  /** The metrics that {@link #value} reads. */
  List<String> metrics();

  /**
   * The objective's value in its own unit and direction.
   *
   * @throws IllegalArgumentException naming the metric that is missing
   */
  double value(Map<String, Double> metrics);

  /** Less of a metric is better. */
  static Objective minimize(String metric) {
    return new MetricObjective(metric, Direction.MINIMIZE);
  }

  /** More of a metric is better. */
  static Objective maximize(String metric) {
    return new MetricObjective(metric, Direction.MAXIMIZE);
  }
}
