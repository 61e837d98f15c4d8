package dev.lathe.farm.ort;

import ai.onnxruntime.OrtException;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Percentiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Takes the samples of one model: warms it up until its latency is steady, then times it in rounds,
 * so that several models can take turns.
 */
final class Sampler {
  /** At most so many samples are kept; of a longer series, every stride-th. */
  private static final int KEPT = 8192;

  private static final long BURST_NANOS = 1_500_000;
  private static final long STEADY_LIMIT_NANOS = 40_000_000;

  /** Latencies of bursts this near, as a share, are steady. */
  private static final double STEADY = 0.02;

  private final LoadedModel model;
  private final MeasurementProtocol protocol;
  private long[] nanos = new long[1024];
  private int kept;
  private int warmups;
  private int timed;
  private int stride = 1;

  Sampler(LoadedModel model, MeasurementProtocol protocol) {
    this.model = model;
    this.protocol = protocol;
  }

  /** Runs untimed in bursts until three in a row have nearly the same median, or time is up. */
  void warmUp() throws OrtException {
    for (int i = 0; i < protocol.warmups(); i++) {
      model.run();
    }
    warmups += protocol.warmups();
    long start = System.nanoTime();
    List<Double> medians = new ArrayList<>();
    long[] burst = new long[64];
    do {
      int runs = 0;
      for (long spent = 0; runs < 3 || (spent < BURST_NANOS && runs < burst.length); runs++) {
        burst[runs] = model.timedRun();
        spent += burst[runs];
      }
      warmups += runs;
      medians.add(median(burst, runs));
    } while (!isSteady(medians) && System.nanoTime() - start < STEADY_LIMIT_NANOS);
    stride = stride(protocol.minMillis(), medians.getLast());
  }

  private static boolean isSteady(List<Double> medians) {
    if (medians.size() < 3) {
      return false;
    }
    List<Double> last = medians.subList(medians.size() - 3, medians.size());
    return Collections.max(last) - Collections.min(last) <= STEADY * Collections.min(last);
  }

  /**
   * Such that sampling for so long keeps about {@link #KEPT} samples, or all if there are fewer.
   */
  static int stride(int minMillis, double latencyNanos) {
    return (int) Math.max(1, minMillis * 1e6 / Math.max(1, latencyNanos) / KEPT);
  }

  /** Runs untimed, to fetch back into the caches what other models drove out. */
  void settle() throws OrtException {
    for (int i = 0; i < 3; i++) {
      model.run();
    }
  }

  /** Times runs for a share of the protocol's samples and of its time. */
  void round(int rounds) throws OrtException {
    int wanted = Math.ceilDiv(protocol.minSamples(), rounds);
    long span = protocol.minMillis() * 1_000_000L / rounds;
    long start = System.nanoTime();
    int before = kept;
    while (kept - before < wanted || System.nanoTime() - start < span) {
      long latency = model.timedRun();
      if (timed++ % stride == 0) {
        keep(latency);
      }
    }
  }

  private void keep(long latency) {
    if (kept == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * kept);
    }
    nanos[kept++] = Math.max(1, latency);
  }

  int warmups() {
    return warmups;
  }

  /** Timed runs so far, those that are not kept included. */
  int timed() {
    return timed;
  }

  int stride() {
    return stride;
  }

  double[] samplesMillis() {
    double[] millis = new double[kept];
    for (int i = 0; i < kept; i++) {
      millis[i] = nanos[i] / 1e6;
    }
    return millis;
  }

  double medianMillis() {
    return Percentiles.of(samplesMillis()).p50();
  }

  private static double median(long[] values, int count) {
    long[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[count / 2];
  }
}
