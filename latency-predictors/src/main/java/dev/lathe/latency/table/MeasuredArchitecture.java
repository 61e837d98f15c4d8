package dev.lathe.latency.table;

import dev.lathe.space.Architecture;

/**
 * An architecture with its measured latency.
 *
 * @param millis in milliseconds, finite
 */
public record MeasuredArchitecture(Architecture architecture, double millis) {
  public MeasuredArchitecture {
    if (!Double.isFinite(millis)) {
      throw new IllegalArgumentException(
          "the latency of %s is %s. Maybe the table has no value for it."
              .formatted(architecture, millis));
    }
  }
}
