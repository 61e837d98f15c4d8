package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RangesTest {
  private static Histogram of(float... values) {
    Histogram histogram = new Histogram();
    histogram.add(values, 0, values.length);
    return histogram;
  }

  @Test
  void growingHistogram_keepsAllCountsAndExactExtremes() {
    Histogram histogram = new Histogram();
    SplittableRandom random = new SplittableRandom(3);
    float largest = 0;
    for (int batch = 0; batch < 20; batch++) {
      float[] values = new float[500];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) (random.nextGaussian() * (1 + batch));
        largest = Math.max(largest, values[i]);
      }
      histogram.add(values, 0, values.length);
    }
    assertThat(histogram.total()).isEqualTo(10_000);
    assertThat(histogram.max()).isEqualTo(largest);
    long sum = 0;
    for (int bin = 0; bin < Histogram.BINS; bin++) {
      sum += histogram.count(bin);
    }
    assertThat(sum).isEqualTo(10_000);
  }

  @Test
  void histogramFedInParts_equalsHistogramFedAtOnceUpToItsBins() {
    float[] values = new float[4000];
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Histogram parts = new Histogram();
    for (int i = 0; i < 4000; i += 8) {
      parts.add(values, i, 8);
    }
    Histogram whole = of(values);
    Affine affine = Affine.unsigned8(whole.min(), whole.max());
    assertThat(Ranges.squaredError(parts, affine))
        .isCloseTo(
            Ranges.squaredError(whole, affine), within(0.02 * Ranges.squaredError(whole, affine)));
  }

  @Test
  void percentile_cutsTheExactNumberOfValues() {
    float[] values = new float[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - 4999.5f;
    }
    // 1 % outside: 50 values on either side.
    Ranges.Range range = Ranges.percentile(of(values), 99);
    assertThat(range.max()).isCloseTo(4949.5, within(2.5));
    assertThat(range.min()).isCloseTo(-4949.5, within(2.5));
  }

  @Test
  void percentileOf100_isMinMax() {
    Histogram histogram = of(-3, 1, 2, 50);
    assertThat(Ranges.percentile(histogram, 100)).isEqualTo(Ranges.minMax(histogram));
  }

  @Test
  void oneSidedValues_giveARangeFromZero() {
    Histogram histogram = of(0, 0, 0, 1, 2, 3);
    assertThat(Ranges.percentile(histogram, 99).min()).isZero();
    assertThat(Ranges.minMax(histogram)).isEqualTo(new Ranges.Range(0, 3));
    assertThat(Ranges.meanSquaredError(of(2, 3)).min()).isZero();
  }

  @Test
  void meanSquaredError_cutsALonelyOutlierWhereTheErrorsBalance() {
    float[] values = new float[100_001];
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    values[17] = 40;
    Histogram histogram = of(values);
    Ranges.Range range = Ranges.meanSquaredError(histogram);
    // N ((T − min) / 255)² / 12 + (40 − T)² is least at:
    double pull = 100_000 / (255.0 * 255 * 12);
    double best = (40 + pull * range.min()) / (1 + pull);
    assertThat(range.max()).isCloseTo(best, within(0.8));
    assertThat(Ranges.squaredError(histogram, Affine.unsigned8(range.min(), range.max())))
        .isLessThan(Ranges.squaredError(histogram, Affine.unsigned8(histogram.min(), 40)));
  }

  @Test
  void entropy_keepsAUniformDistributionWhole() {
    double[] counts = new double[2048];
    java.util.Arrays.fill(counts, 10);
    assertThat(Ranges.divergentBins(counts)).isEqualTo(2048);
  }

  /** Against the definition, written down once more with lists instead of offsets. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void entropy_isTheLeastDivergenceOfAllSizes(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] counts = new double[300];
    for (int i = 0; i < counts.length; i++) {
      double height = 5000 * Math.exp(-i / (10.0 + 20 * seed));
      counts[i] = Math.floor(height * random.nextDouble() + random.nextDouble() * 1.3);
    }
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int size = 128; size <= counts.length; size++) {
      double found = divergence(counts, size);
      if (found < least) {
        least = found;
        best = size;
      }
    }
    assertThat(Ranges.divergentBins(counts)).isEqualTo(best);
  }

  private static double divergence(double[] counts, int size) {
    List<Double> p = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      p.add(counts[i]);
    }
    double outside = 0;
    for (int i = size; i < counts.length; i++) {
      outside += counts[i];
    }
    p.set(size - 1, p.get(size - 1) + outside);
    List<Double> q = new ArrayList<>();
    int width = size / 128;
    for (int group = 0; group < 128; group++) {
      int end = group == 127 ? size : (group + 1) * width;
      List<Integer> members = java.util.stream.IntStream.range(group * width, end).boxed().toList();
      double mass = members.stream().mapToDouble(i -> counts[i]).sum();
      long occupied = members.stream().filter(i -> p.get(i) > 0).count();
      members.forEach(i -> q.add(p.get(i) > 0 ? mass / occupied : 0));
    }
    List<Double> smoothP = smoothed(p);
    List<Double> smoothQ = smoothed(q);
    double sumP = smoothP.stream().mapToDouble(v -> v).sum();
    double sumQ = smoothQ.stream().mapToDouble(v -> v).sum();
    double divergence = 0;
    for (int i = 0; i < size; i++) {
      double a = smoothP.get(i) / sumP;
      divergence += a * Math.log(a / (smoothQ.get(i) / sumQ));
    }
    return divergence;
  }

  /** Empty bins get 1e-4, taken evenly from the others, which keep at least that. */
  private static List<Double> smoothed(List<Double> mass) {
    long empty = mass.stream().filter(v -> v == 0).count();
    double taken = 1e-4 * empty / (mass.size() - empty);
    return mass.stream().map(v -> v == 0 ? 1e-4 : Math.max(v - taken, 1e-4)).toList();
  }

  @Test
  void entropy_cutsTheTailOfAGaussianWithAnOutlier() {
    double[] counts = new double[2048];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Math.rint(10_000 * Math.exp(-0.5 * Math.pow(i / 150.0, 2)));
    }
    counts[2047] = 1;
    // Between two and five standard deviations.
    assertThat(Ranges.divergentBins(counts)).isBetween(300, 750);
  }

  @Test
  void entropy_isNotMisledByTheZerosOfARectifier() {
    SplittableRandom random = new SplittableRandom(3);
    Histogram histogram = new Histogram();
    float[] values = new float[200_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.clamp(2 * random.nextGaussian(), 0, 6);
    }
    histogram.add(values, 0, values.length);
    assertThat(Ranges.entropy(histogram).max()).isBetween(4.0, 6.0);
  }
}
