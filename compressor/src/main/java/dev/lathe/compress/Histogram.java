package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A streaming histogram of real values: a fixed number of bins over [−limit, limit]. When a value
 * lies outside, the limit is doubled and pairs of bins are merged, so that memory never grows and
 * the bins always cover less than four times the largest magnitude seen.
 */
public final class Histogram {
  /** Bins on both sides of zero together: 64 KiB a tensor. */
  static final int BINS = 8192;

  private static final int CHUNK = 1024;

  private final long[] counts = new long[BINS];
  private double limit;
  private long total;
  private double min = Double.POSITIVE_INFINITY;
  private double max = Double.NEGATIVE_INFINITY;

  Histogram() {}

  /**
   * Histograms of a graph's values on calibration data.
   *
   * @param values names, those of inputs among them
   * @param images the most items to use
   */
  public static Map<String, Histogram> of(
      OnnxGraph graph, List<String> values, CalibrationData data, int images) {
    Map<String, Histogram> histograms = new LinkedHashMap<>();
    ActivationStatistics.collect(graph, values, Map.of(), data, new Calibrator.MinMax(), images)
        .forEach((value, seen) -> histograms.put(value, seen.histogram()));
    return histograms;
  }

  /** The sum of squared errors that a quantization makes. */
  public double squaredError(Affine affine) {
    return Ranges.squaredError(this, affine);
  }

  /** Takes in values; numbers that are not finite are refused. */
  void add(FloatBuffer values) {
    add(values.array(), values.arrayOffset() + values.position(), values.remaining());
  }

  void add(float[] values, int from, int count) {
    float least = Float.POSITIVE_INFINITY;
    float greatest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      least = Math.min(least, values[i]);
      greatest = Math.max(greatest, values[i]);
    }
    if (count == 0) {
      return;
    }
    if (!(Math.abs(least) <= Float.MAX_VALUE && Math.abs(greatest) <= Float.MAX_VALUE)) {
      throw new CompressionException(
          "an activation is not a finite number. Maybe the calibration data are not normalised as the model expects.");
    }
    min = Math.min(min, least);
    max = Math.max(max, greatest);
    grow(Math.max(Math.abs(least), Math.abs(greatest)));
    count(values, from, from + count);
    total += count;
  }

  /**
   * Counts into two sets of bins in turn: neighbours are often alike (zeros of rectifiers), and a
   * processor that adds to one number again and again waits for itself. Bins are computed ahead, a
   * few at a time, in a loop that compiles to vector instructions.
   */
  private void count(float[] values, int from, int to) {
    float perUnit = limit == 0 ? 0 : (float) (BINS / 2 / limit);
    int[] even = new int[BINS];
    int[] odd = new int[BINS];
    int[] bins = new int[CHUNK];
    for (int start = from; start < to; start += CHUNK) {
      int size = Math.min(CHUNK, to - start);
      for (int i = 0; i < size; i++) {
        bins[i] = Math.min((int) (values[start + i] * perUnit + BINS / 2), BINS - 1);
      }
      int i = 0;
      for (; i + 1 < size; i += 2) {
        even[bins[i]]++;
        odd[bins[i + 1]]++;
      }
      if (i < size) {
        even[bins[i]]++;
      }
    }
    for (int bin = 0; bin < BINS; bin++) {
      counts[bin] += even[bin] + odd[bin];
    }
  }

  private void grow(double magnitude) {
    if (limit == 0 && magnitude > 0) {
      // Everything so far was exactly zero and sits in the middle: any limit is right.
      limit = magnitude;
    }
    while (magnitude > limit) {
      limit *= 2;
      int half = BINS / 2;
      long[] merged = new long[BINS];
      for (int i = 0; i < BINS; i++) {
        merged[half + Math.floorDiv(i - half, 2)] += counts[i];
      }
      System.arraycopy(merged, 0, counts, 0, BINS);
    }
  }

  long total() {
    return total;
  }

  /** The least value, 0 where there is none. */
  public double min() {
    return total == 0 ? 0 : min;
  }

  /** The greatest value, 0 where there is none. */
  public double max() {
    return total == 0 ? 0 : max;
  }

  double binWidth() {
    return 2 * limit / BINS;
  }

  long count(int bin) {
    return counts[bin];
  }

  /** The lower edge of a bin. */
  double edge(int bin) {
    return (bin - BINS / 2) * binWidth();
  }

  /** The middle of a bin, within the values seen. */
  double middle(int bin) {
    return Math.clamp(edge(bin) + binWidth() / 2, min(), max());
  }
}
