package dev.lathe.compress;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Chooses the range of an activation from its histogram. */
final class Ranges {
  private static final int ENTROPY_BINS = 2048;
  private static final int ENTROPY_LEVELS = 128;
  private static final double SMOOTHING = 1e-4;
  private static final int STEPS = 100;

  private Ranges() {}

  /** An interval of real values, zero inside. */
  record Range(double min, double max) {
    Range {
      min = Math.min(min, 0);
      max = Math.max(max, 0);
    }
  }

  static Range minMax(Histogram histogram) {
    return new Range(histogram.min(), histogram.max());
  }

  /** Cuts (100 − percent) / 200 of the values on either side; a side without values is not cut. */
  static Range percentile(Histogram histogram, double percent) {
    double outside = (100 - percent) / 200 * histogram.total();
    long below = 0;
    int low = 0;
    while (low < Histogram.BINS - 1 && below + histogram.count(low) <= outside) {
      below += histogram.count(low++);
    }
    long above = 0;
    int high = Histogram.BINS - 1;
    while (high > 0 && above + histogram.count(high) <= outside) {
      above += histogram.count(high--);
    }
    return new Range(
        Math.max(histogram.min(), histogram.edge(low)),
        Math.min(histogram.max(), histogram.edge(high + 1)));
  }

  /** The range with the least squared error at 8 bits, found by shrinking its ends in turn. */
  static Range meanSquaredError(Histogram histogram) {
    double min = histogram.min();
    double max = histogram.max();
    for (int round = 0; round < 2; round++) {
      double low = min;
      max = leastError(max, histogram.max(), end -> squaredError(histogram, low, end));
      double high = max;
      min = leastError(min, histogram.min(), end -> squaredError(histogram, end, high));
    }
    return new Range(min, max);
  }

  /** The share of {@code whole} with the least error; {@code current} where none is better. */
  private static double leastError(double current, double whole, DoubleUnaryOperator error) {
    double chosen = current;
    double best = error.applyAsDouble(current);
    for (int step = 0; step < STEPS && whole != 0; step++) {
      double end = whole * (1 - 0.9 * step / STEPS);
      double found = error.applyAsDouble(end);
      if (found < best) {
        best = found;
        chosen = end;
      }
    }
    return chosen;
  }

  private static double squaredError(Histogram histogram, double min, double max) {
    return squaredError(histogram, Affine.unsigned8(min, max));
  }

  /** The sum of squared errors that a quantization makes on the values of a histogram. */
  static double squaredError(Histogram histogram, Affine affine) {
    double error = 0;
    for (int bin = 0; bin < Histogram.BINS; bin++) {
      if (histogram.count(bin) > 0) {
        double value = histogram.middle(bin);
        double difference = value - affine.round(value);
        error += histogram.count(bin) * difference * difference;
      }
    }
    return error;
  }

  /** The sum of squares of the values of a histogram. */
  static double squares(Histogram histogram) {
    double sum = 0;
    for (int bin = 0; bin < Histogram.BINS; bin++) {
      double value = histogram.count(bin) == 0 ? 0 : histogram.middle(bin);
      sum += histogram.count(bin) * value * value;
    }
    return sum;
  }

  /**
   * The symmetric clipping with the least divergence; a side without values stays empty. The bin at
   * zero counts as its neighbour does: the zeros of rectifiers lose nothing in any range, but would
   * outweigh all that a range does lose (so does NVIDIA's pytorch-quantization).
   */
  static Range entropy(Histogram histogram) {
    double[] magnitudes = new double[ENTROPY_BINS];
    double reach = Math.max(-histogram.min(), histogram.max());
    if (reach <= 0) {
      return minMax(histogram);
    }
    for (int bin = 0; bin < Histogram.BINS; bin++) {
      double magnitude = Math.abs(histogram.middle(bin));
      int at = (int) Math.min(ENTROPY_BINS - 1, magnitude / reach * ENTROPY_BINS);
      magnitudes[at] += histogram.count(bin);
    }
    magnitudes[0] = magnitudes[1];
    int bins = divergentBins(magnitudes);
    double threshold = reach * bins / ENTROPY_BINS;
    return new Range(Math.max(histogram.min(), -threshold), Math.min(histogram.max(), threshold));
  }

  /** The number of bins from zero that gives the least divergence. */
  static int divergentBins(double[] counts) {
    int best = counts.length;
    double least = Double.POSITIVE_INFINITY;
    double inside = 0;
    double total = 0;
    for (double count : counts) {
      total += count;
    }
    for (int i = 0; i < ENTROPY_LEVELS - 1; i++) {
      inside += counts[i];
    }
    for (int size = ENTROPY_LEVELS; size <= counts.length; size++) {
      inside += counts[size - 1];
      double divergence = divergence(counts, size, total - inside);
      if (divergence < least) {
        least = divergence;
        best = size;
      }
    }
    return best;
  }

  private static double divergence(double[] counts, int size, double outside) {
    double[] reference = new double[size];
    double[] quantized = new double[size];
    System.arraycopy(counts, 0, reference, 0, size);
    reference[size - 1] += outside;
    int group = size / ENTROPY_LEVELS;
    for (int level = 0; level < ENTROPY_LEVELS; level++) {
      int from = level * group;
      int to = level == ENTROPY_LEVELS - 1 ? size : from + group;
      double mass = 0;
      int occupied = 0;
      for (int i = from; i < to; i++) {
        mass += counts[i];
        occupied += reference[i] > 0 ? 1 : 0;
      }
      for (int i = from; i < to && occupied > 0; i++) {
        quantized[i] = reference[i] > 0 ? mass / occupied : 0;
      }
    }
    smooth(reference);
    smooth(quantized);
    double p = 0;
    double q = 0;
    for (int i = 0; i < size; i++) {
      p += reference[i];
      q += quantized[i];
    }
    double divergence = 0;
    for (int i = 0; i < size; i++) {
      divergence += reference[i] / p * Math.log(reference[i] / p / (quantized[i] / q));
    }
    return divergence;
  }

  /** Gives empty bins a little mass, taken from the others. */
  private static void smooth(double[] mass) {
    int empty = 0;
    for (double value : mass) {
      empty += value == 0 ? 1 : 0;
    }
    if (empty == mass.length) {
      Arrays.fill(mass, 1);
      return;
    }
    double taken = SMOOTHING * empty / (mass.length - empty);
    for (int i = 0; i < mass.length; i++) {
      mass[i] = mass[i] == 0 ? SMOOTHING : Math.max(mass[i] - taken, SMOOTHING);
    }
  }
}
