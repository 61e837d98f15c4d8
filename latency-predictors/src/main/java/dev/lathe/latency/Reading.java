package dev.lathe.latency;

import java.util.stream.DoubleStream;

/**
 * A latency read from a device, with what its sentinel took at that time: a fixed network measured
 * just before and just after, whose latency changes only with the device's own speed.
 *
 * @param millis measured latency in milliseconds
 * @param sentinelBeforeMillis of the sentinel just before, in milliseconds
 * @param sentinelAfterMillis just after
 */
public record Reading(double millis, double sentinelBeforeMillis, double sentinelAfterMillis) {
  public Reading {
    DoubleStream.of(millis, sentinelBeforeMillis, sentinelAfterMillis)
        .forEach(
            value -> {
              if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                    "a reading's latencies must be above 0 and finite, not %s ms."
                        .formatted(value));
              }
            });
  }

  /**
   * A reading of a device that may have no sentinel: it is taken to run at one speed then.
   *
   * @param sentinelBeforeMillis 0, like the one after, where there is none
   */
  public static Reading of(double millis, double sentinelBeforeMillis, double sentinelAfterMillis) {
    boolean none = sentinelBeforeMillis == 0 && sentinelAfterMillis == 0;
    return new Reading(millis, none ? 1 : sentinelBeforeMillis, none ? 1 : sentinelAfterMillis);
  }
}
