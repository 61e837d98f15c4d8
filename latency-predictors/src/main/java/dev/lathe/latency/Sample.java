package dev.lathe.latency;

/**
 * A measured network.
 *
 * @param features of its graph
 * @param millis its measured latency in milliseconds, above 0
 */
public record Sample(FeatureVector features, double millis) {
  public Sample {
    if (!(millis > 0) || Double.isInfinite(millis)) {
      throw new IllegalArgumentException(
          "a measured latency must be above 0 and finite, not %s ms. Maybe a measurement failed and was recorded as a number."
              .formatted(millis));
    }
  }
}
