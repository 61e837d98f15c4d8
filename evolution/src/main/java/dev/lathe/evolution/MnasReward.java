package dev.lathe.evolution;

import dev.lathe.metric.Direction;
import java.util.List;
import java.util.Map;

/**
 * The scalar reward of MnasNet: {@code accuracy * (latency / target)^w}, where {@code w} is {@code
 * withinExponent} up to the target and {@code beyondExponent} above it. Tan, Chen, Pang, Vasudevan,
 * Sandler, Howard, Le: MnasNet: Platform-Aware Neural Architecture Search for Mobile, 2019,
 * arXiv:1807.11626.
 *
 * @param accuracyMetric name of the accuracy, in any unit
 * @param latencyMetric name of the latency
 * @param target the latency aimed at, in the unit of {@code latencyMetric}; above 0
 * @param withinExponent the paper's alpha, not above 0
 * @param beyondExponent the paper's beta, not above 0
 */
public record MnasReward(
    String accuracyMetric,
    String latencyMetric,
    double target,
    double withinExponent,
    double beyondExponent)
    implements Objective {
  public MnasReward {
    if (!(target > 0)) {
      throw new IllegalArgumentException("target latency is %s, must be > 0.".formatted(target));
    }
    if (!(withinExponent <= 0) || !(beyondExponent <= 0)) {
      throw new IllegalArgumentException(
          "exponents are %s and %s, must not be above 0: a slower network would gain reward."
              .formatted(withinExponent, beyondExponent));
    }
  }

  /** Latency as a soft constraint: both exponents -0.07, the paper's default. */
  public static MnasReward soft(String accuracyMetric, String latencyMetric, double target) {
    return new MnasReward(accuracyMetric, latencyMetric, target, -0.07, -0.07);
  }

  /** Latency as a hard constraint: no effect up to the target, exponent -1 beyond it. */
  public static MnasReward hard(String accuracyMetric, String latencyMetric, double target) {
    return new MnasReward(accuracyMetric, latencyMetric, target, 0, -1);
  }

  @Override
  public String name() {
    return "reward(%s, %s)".formatted(accuracyMetric, latencyMetric);
  }

  @Override
  public Direction direction() {
    return Direction.MAXIMIZE;
  }

  @Override
  public List<String> metrics() {
    return List.of(accuracyMetric, latencyMetric);
  }

  @Override
  public double value(Map<String, Double> metrics) {
    double accuracy = MetricObjective.read(metrics, accuracyMetric);
    double latency = MetricObjective.read(metrics, latencyMetric);
    if (!(latency > 0)) {
      throw new IllegalArgumentException(
          "metric '%s' is %s, must be > 0.".formatted(latencyMetric, latency));
    }
    return accuracy
        * Math.pow(latency / target, latency <= target ? withinExponent : beyondExponent);
  }
}
