package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import java.util.Map;

/** What came of evaluating one architecture. */
public sealed interface Evaluation {
  Architecture architecture();

  /**
   * It was measured.
   *
   * @param metrics by name, all finite; at least those that the problem's objectives and
   *     constraints read
   */
  record Measured(Architecture architecture, Map<String, Double> metrics) implements Evaluation {
    public Measured {
      metrics = Map.copyOf(metrics);
      for (Map.Entry<String, Double> metric : metrics.entrySet()) {
        if (!Double.isFinite(metric.getValue())) {
          throw new IllegalArgumentException(
              "metric '%s' of architecture %s is %s. Maybe tell it as failed."
                  .formatted(metric.getKey(), architecture, metric.getValue()));
        }
      }
    }
  }

  /**
   * It could not be measured: it failed, timed out, or has no recorded value. It counts as an
   * evaluation, is never asked again, and the search goes on.
   *
   * @param reason for people
   */
  record Failed(Architecture architecture, String reason) implements Evaluation {}

  static Evaluation of(Architecture architecture, Map<String, Double> metrics) {
    return new Measured(architecture, metrics);
  }

  static Evaluation failed(Architecture architecture, String reason) {
    return new Failed(architecture, reason);
  }
}
