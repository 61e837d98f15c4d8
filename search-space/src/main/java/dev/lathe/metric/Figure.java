package dev.lathe.metric;

/**
 * A value of a metric, with what is not known of it.
 *
 * @param value in the metric's unit
 * @param lower end of its 90 % interval; the value itself where it is exact
 * @param upper end of the interval likewise
 * @param source where it comes from
 */
public record Figure(Metric metric, double value, double lower, double upper, Source source) {
  /** Where figures come from; they are never mixed up. */
  public enum Source {
    /** Taken from the network itself, by running or counting. */
    MEASURED,
    /** By a model. */
    PREDICTED,
    /** Read in a table that others made. */
    PUBLISHED
  }

  public Figure {
    if (!Double.isFinite(value) || !(lower <= value && value <= upper)) {
      throw new IllegalArgumentException(
          "figure of '%s' is %s in [%s, %s]; it must be finite and lie in its interval."
              .formatted(metric, value, lower, upper));
    }
  }

  /** An exact value. */
  public static Figure exact(Metric metric, double value, Source source) {
    return new Figure(metric, value, value, value, source);
  }

  /** Measured or counted. */
  public static Figure measured(Metric metric, double value) {
    return exact(metric, value, Source.MEASURED);
  }
}
