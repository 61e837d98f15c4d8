package dev.lathe.runs;

import java.util.List;

/** What came of a {@link MeasurementRequest}. */
public sealed interface MeasurementOutcome {
  /** The key of the request. */
  String key();

  /**
   * Measured.
   *
   * @param measurementId by which the raw samples are found
   * @param runtime name and version, for example {@code onnxruntime 1.29.0}
   * @param samplesMillis every sample, in the order in which they were taken
   * @param p50Millis median of the samples; {@code p90Millis} and {@code p99Millis} likewise
   * @param madMillis median absolute deviation
   * @param sentinelBeforeMillis what the device's sentinel took just before; {@code
   *     sentinelAfterMillis} just after
   */
  record Measured(
      String key,
      long measurementId,
      String device,
      String runtime,
      int threads,
      int batch,
      String protocol,
      List<Double> samplesMillis,
      double p50Millis,
      double p90Millis,
      double p99Millis,
      double madMillis,
      double sentinelBeforeMillis,
      double sentinelAfterMillis)
      implements MeasurementOutcome {
    public Measured {
      samplesMillis = List.copyOf(samplesMillis);
    }

    /** The number of samples. */
    public int samples() {
      return samplesMillis.size();
    }
  }

  /**
   * Could not be measured.
   *
   * @param kind short and stable, for example {@code model-rejected} or {@code crashed}
   */
  record Failed(String key, String kind, String message) implements MeasurementOutcome {}
}
