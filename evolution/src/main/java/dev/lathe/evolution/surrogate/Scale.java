package dev.lathe.evolution.surrogate;

import java.util.Arrays;

/** A rising map between a metric's values and the scores that a model is trained on. */
sealed interface Scale permits Warp, StandardScale {
  /** The scores of the values that it was made from, in their order. */
  double[] scores();

  /** The value with this score. */
  double value(double score);

  /**
   * A value below the lowest known one, but never from positive values (a latency, a size) to zero.
   */
  static double floored(double value, double lowest) {
    return lowest > 0 && value < lowest ? lowest * Math.exp(value / lowest - 1) : value;
  }

  /** How the scale of some values, at least one, is made. */
  enum Kind {
    /** Half ranks, half values. */
    WARPED,
    /** Values as they are: effects that add up (of sizes, of layers' run times) do so. */
    LINEAR,
    /** Logarithms: effects that multiply add up. As warped if a value is not above 0. */
    LOGARITHMIC;

    Scale of(double[] values) {
      return switch (this) {
        case WARPED -> new Warp(values);
        case LINEAR -> new StandardScale(values, false);
        case LOGARITHMIC ->
            Arrays.stream(values).allMatch(value -> value > 0)
                ? new StandardScale(values, true)
                : new Warp(values);
      };
    }
  }
}
