package dev.lathe.evolution;

import dev.lathe.metric.Direction;
import java.util.List;
import java.util.Map;

/**
 * An objective that is a metric as measured.
 *
 * @param name the metric's name
 */
public record MetricObjective(String name, Direction direction) implements Objective {
  @Override
  public List<String> metrics() {
    return List.of(name);
  }

  @Override
  public double value(Map<String, Double> metrics) {
    return read(metrics, name);
  }

  static double read(Map<String, Double> metrics, String metric) {
    Double value = metrics.get(metric);
    if (value == null) {
      throw new IllegalArgumentException(
          "the evaluation has no metric '%s', only %s. Maybe tell it as failed."
              .formatted(metric, metrics.keySet()));
    }
    return value;
  }
}
