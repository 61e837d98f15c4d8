package dev.lathe.latency;

/**
 * A predicted latency with its 90 % interval. A choice under a latency limit compares {@code upper}
 * with the limit.
 *
 * @param millis the expected latency in milliseconds
 * @param lower lower end of the interval in milliseconds
 * @param upper upper end of the interval in milliseconds
 */
public record Estimate(double millis, double lower, double upper) {
  public Estimate {
    if (!(lower <= millis && millis <= upper)) {
      throw new IllegalArgumentException(
          "estimate %s ms is outside of its interval %s .. %s ms.".formatted(millis, lower, upper));
    }
  }

  /** An estimate within ± {@code width} milliseconds, cut off at 0: nothing takes less. */
  public static Estimate around(double millis, double width) {
    double positive = Math.max(0, millis);
    return new Estimate(positive, Math.max(0, positive - width), positive + width);
  }

  /** Whether the interval contains a measured latency. */
  public boolean contains(double measuredMillis) {
    return lower <= measuredMillis && measuredMillis <= upper;
  }

  /** The estimate for a device that takes {@code factor} times as long. */
  public Estimate times(double factor) {
    return new Estimate(factor * millis, factor * lower, factor * upper);
  }

  /** Width of the interval as a share of the estimate. */
  public double relativeWidth() {
    return (upper - lower) / millis;
  }
}
