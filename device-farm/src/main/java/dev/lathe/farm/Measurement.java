package dev.lathe.farm;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one measurement of one network found, with everything needed to judge it. Latencies are wall
 * clock milliseconds of a single inference.
 *
 * <p>The percentiles are functions of the samples (see {@link Percentiles}); a record whose
 * percentiles do not follow from its samples cannot be made, so that a figure read from a file or
 * the network is either consistent or refused.
 *
 * @param runtime name and version, for example {@code onnxruntime 1.29.0}
 * @param threads intra-op threads
 * @param batch images in one inference
 * @param warmups untimed runs made before the first sample
 * @param protocol name of the {@link MeasurementProtocol}
 * @param samplesMillis the samples in the order in which they were taken, each positive; outliers
 *     are kept
 * @param p50 median of the samples
 * @param p90 90th percentile
 * @param p99 99th percentile
 * @param mad median absolute deviation from the median
 * @param sentinelBeforeMillis median latency of the fixed sentinel network just before; 0, like the
 *     one after, where the device has no sentinel
 * @param sentinelAfterMillis the same just after: the machine's own drift
 * @param startedAt when sampling began, by the device's clock
 * @param environment what else the device tells: processor, governor, clock, temperature, pinning…
 * @param figures other metrics by name: {@code load}, {@code firstRun} and {@code coldStart} in
 *     milliseconds, {@code peakMemory} in megabytes, {@code energy} in millijoules for one
 *     inference with the device's idle power, {@code cycles}, {@code dsp}, {@code bram}…
 * @param verdict whether the latency can be believed
 */
public record Measurement(
    String runtime,
    int threads,
    int batch,
    int warmups,
    String protocol,
    double[] samplesMillis,
    double p50,
    double p90,
    double p99,
    double mad,
    double sentinelBeforeMillis,
    double sentinelAfterMillis,
    Instant startedAt,
    Map<String, String> environment,
    Map<String, Double> figures,
    Verdict verdict) {

  /**
   * Name in the environment of the beginning of the network's first output, numbers with commas
   * between, for the inputs that every back end draws: standard normal numbers of {@code
   * java.util.Random} with seed 1, in the order of the inputs' elements.
   */
  public static final String OUTPUT = "output";

  /**
   * Megabytes by which the measuring process grew from before the network was loaded to the end of
   * its first inference.
   */
  public static final String PEAK_MEMORY = "peakMemory";

  /** Millijoules of one inference, the device's idle power included. */
  public static final String ENERGY = "energy";

  /** Milliseconds of loading the network. */
  public static final String LOAD = "load";

  /** Milliseconds of the first inference after loading. */
  public static final String FIRST_RUN = "firstRun";

  /** Milliseconds from a file to the end of its first inference. */
  public static final String COLD_START = "coldStart";

  /** Samples further from the median than so many standard deviations are outliers. */
  private static final double OUTLYING = 5;

  /** Timers count in steps: what is nearer than this share of the median is no outlier. */
  private static final double LEAST_OUTLYING = 0.01;

  /** A median absolute deviation is this share of a normal distribution's standard deviation. */
  private static final double MAD_OF_NORMAL = 0.6745;

  /** No measurement holds more samples than this. */
  public static final int MAX_SAMPLES = 1 << 20;

  private static final Verdict UNJUDGED = Verdict.unknown("nobody judged it");

  // Agents of earlier versions send neither figures nor a verdict.
  public Measurement {
    Objects.requireNonNull(runtime, "runtime");
    Objects.requireNonNull(protocol, "protocol");
    Objects.requireNonNull(startedAt, "startedAt");
    samplesMillis = samplesMillis.clone();
    environment = Collections.unmodifiableMap(new TreeMap<>(environment));
    figures = figures == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(figures));
    verdict = verdict == null ? UNJUDGED : verdict;
    if (samplesMillis.length == 0 || samplesMillis.length > MAX_SAMPLES) {
      throw new IllegalArgumentException(
          "a measurement has 1 to %d samples, not %d."
              .formatted(MAX_SAMPLES, samplesMillis.length));
    }
    if (threads < 1 || batch < 1 || warmups < 0) {
      throw new IllegalArgumentException(
          "a measurement needs threads ≥ 1, batch ≥ 1 and warmups ≥ 0, not %d, %d and %d."
              .formatted(threads, batch, warmups));
    }
    for (double sample : samplesMillis) {
      requirePositive("a sample", sample);
    }
    figures.forEach(
        (name, value) -> {
          if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(
                "figure '%s' of a measurement must be at least 0, not %s.".formatted(name, value));
          }
        });
    if (sentinelBeforeMillis != 0 || sentinelAfterMillis != 0) {
      requirePositive("the sentinel's latency before", sentinelBeforeMillis);
      requirePositive("the sentinel's latency after", sentinelAfterMillis);
    }
    Percentiles percentiles = Percentiles.of(samplesMillis);
    requireSame("p50", p50, percentiles.p50());
    requireSame("p90", p90, percentiles.p90());
    requireSame("p99", p99, percentiles.p99());
    requireSame("mad", mad, percentiles.mad());
  }

  /**
   * A measurement whose percentiles are computed from its samples, without other figures and
   * without a verdict.
   */
  public static Measurement of(
      String runtime,
      int threads,
      int batch,
      int warmups,
      String protocol,
      double[] samplesMillis,
      double sentinelBeforeMillis,
      double sentinelAfterMillis,
      Instant startedAt,
      Map<String, String> environment) {
    Percentiles percentiles = Percentiles.of(samplesMillis);
    return new Measurement(
        runtime,
        threads,
        batch,
        warmups,
        protocol,
        samplesMillis,
        percentiles.p50(),
        percentiles.p90(),
        percentiles.p99(),
        percentiles.mad(),
        sentinelBeforeMillis,
        sentinelAfterMillis,
        startedAt,
        environment,
        Map.of(),
        UNJUDGED);
  }

  /** How {@link #OUTPUT} is written. */
  public static String output(double... values) {
    return Arrays.stream(values)
        .mapToObj(value -> Float.toString((float) value))
        .collect(Collectors.joining(","));
  }

  /** The same with other figures and another verdict. */
  public Measurement with(Map<String, Double> otherFigures, Verdict otherVerdict) {
    return new Measurement(
        runtime,
        threads,
        batch,
        warmups,
        protocol,
        samplesMillis,
        p50,
        p90,
        p99,
        mad,
        sentinelBeforeMillis,
        sentinelAfterMillis,
        startedAt,
        environment,
        otherFigures,
        otherVerdict);
  }

  /** The samples' percentiles. */
  public Percentiles percentiles() {
    return Percentiles.of(samplesMillis);
  }

  /** The number of samples that lie far from the others; they are in every figure all the same. */
  public int outliers() {
    double reach = Math.max(OUTLYING * mad / MAD_OF_NORMAL, LEAST_OUTLYING * p50);
    return (int)
        Arrays.stream(samplesMillis).filter(sample -> Math.abs(sample - p50) > reach).count();
  }

  /** A figure by name, if the device told it. */
  public OptionalDouble figure(String name) {
    Double value = figures.get(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  /** A copy of the samples, in milliseconds, in the order in which they were taken. */
  @Override
  public double[] samplesMillis() {
    return samplesMillis.clone();
  }

  /** How much the sentinel changed, as a share of the smaller figure: 0.05 is 5 percent. */
  public double drift() {
    double least = Math.min(sentinelBeforeMillis, sentinelAfterMillis);
    return least <= 0 ? 0 : Math.abs(sentinelAfterMillis - sentinelBeforeMillis) / least;
  }

  private static void requirePositive(String what, double millis) {
    if (!(millis > 0) || Double.isInfinite(millis)) {
      throw new IllegalArgumentException(
          "%s must be a positive number of milliseconds, not %s.".formatted(what, millis));
    }
  }

  private static void requireSame(String what, double given, double computed) {
    if (!(Math.abs(given - computed) <= 1e-9 * Math.max(1, Math.abs(computed)))) {
      throw new IllegalArgumentException(
          "%s of the measurement is %s, but its samples say %s.".formatted(what, given, computed));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Measurement that
        && runtime.equals(that.runtime)
        && threads == that.threads
        && batch == that.batch
        && warmups == that.warmups
        && protocol.equals(that.protocol)
        && Arrays.equals(samplesMillis, that.samplesMillis)
        && sentinelBeforeMillis == that.sentinelBeforeMillis
        && sentinelAfterMillis == that.sentinelAfterMillis
        && startedAt.equals(that.startedAt)
        && environment.equals(that.environment)
        && figures.equals(that.figures)
        && verdict.equals(that.verdict);
  }

  @Override
  public int hashCode() {
    return Objects.hash(startedAt, Arrays.hashCode(samplesMillis));
  }

  @Override
  public String toString() {
    return "Measurement[%s, %d threads, %s: p50 %.4f ms, p90 %.4f ms, p99 %.4f ms of %d samples, %s, %s, %s]"
        .formatted(
            runtime,
            threads,
            protocol,
            p50,
            p90,
            p99,
            samplesMillis.length,
            verdict,
            figures,
            environment);
  }
}
