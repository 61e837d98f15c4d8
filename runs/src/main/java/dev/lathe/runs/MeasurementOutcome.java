package dev.lathe.runs;

import dev.lathe.metric.Quantity;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

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
   * @param figures what else the device reports, by symbol: {@code peakMemory} in megabytes, {@code
   *     energy} in millijoules, …
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
      double sentinelAfterMillis,
      Map<String, Double> figures)
      implements MeasurementOutcome {
    public Measured {
      samplesMillis = List.copyOf(samplesMillis);
      figures = Map.copyOf(figures);
    }

    /** What was measured of a quantity; empty if the device does not report it. */
    public OptionalDouble value(Quantity quantity) {
      return switch (quantity) {
        case LATENCY -> OptionalDouble.of(p50Millis);
        case LATENCY_P90 -> OptionalDouble.of(p90Millis);
        case LATENCY_P99 -> OptionalDouble.of(p99Millis);
        case THROUGHPUT -> OptionalDouble.of(1000 * batch / p50Millis);
        default -> {
          Double value = figures.get(quantity.symbol());
          yield value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
        }
      };
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
