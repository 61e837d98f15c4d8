package dev.lathe.farm;

/**
 * How long and how carefully one network is measured. A measurement ends when it has at least
 * {@code minSamples} samples and at least {@code minMillis} milliseconds were spent sampling.
 *
 * @param name under which figures of this protocol are labelled
 * @param threads intra-op threads of the runtime, 1 to 256
 * @param warmups untimed runs before the first sample, at least 1; more are made until the latency
 *     is steady
 * @param minSamples least number of timed runs, at least 8
 * @param minMillis least time of sampling in milliseconds, 0 to one hour
 */
public record MeasurementProtocol(
    String name, int threads, int warmups, int minSamples, int minMillis) {

  public MeasurementProtocol {
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "a measurement protocol needs a name. Maybe 'quick' or 'full'.");
    }
    requireRange("threads", threads, 1, 256);
    requireRange("warmups", warmups, 1, 100_000);
    requireRange("minSamples", minSamples, 8, 1_000_000);
    requireRange("minMillis", minMillis, 0, 3_600_000);
  }

  /**
   * At least 64 samples, the fewest from which a 90th percentile can be told (MLPerf's early
   * stopping rule), and 30 ms of sampling: for calibration and search, many networks a second.
   */
  public static MeasurementProtocol quick(int threads) {
    return new MeasurementProtocol("quick", threads, 10, 64, 30);
  }

  /** At least 1024 samples and 60 seconds, as in MLPerf Mobile: for figures to publish. */
  public static MeasurementProtocol full(int threads) {
    return new MeasurementProtocol("full", threads, 10, 1024, 60_000);
  }

  /**
   * The protocol of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static MeasurementProtocol named(String name, int threads) {
    return switch (name) {
      case "quick" -> quick(threads);
      case "full" -> full(threads);
      default ->
          throw new IllegalArgumentException(
              "there is no measurement protocol '%s'. Maybe 'quick' or 'full'.".formatted(name));
    };
  }

  private static void requireRange(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s of a measurement protocol must be %d to %d, not %d."
              .formatted(field, least, most, value));
    }
  }
}
