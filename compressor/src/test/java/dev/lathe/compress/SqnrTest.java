package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SqnrTest {
  private static final float[] GAUSSIAN = gaussian(1_000_000);

  private static float[] gaussian(int size) {
    SplittableRandom random = new SplittableRandom(11);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Known figures of uniform quantization of a Gaussian: range of 10^6 samples, and optimal. */
  @ParameterizedTest
  @CsvSource({
    "127, 39.1, 40.5, 3.93",
    "31, 26.9, 29.7, 3.29",
    "7, 13.9, 18.9, 2.46",
    "3, 6.6, 13.3, 1.96",
    "1, 0.2, 7.2, 1.22"
  })
  void gaussian_hasTheKnownRatios(
      int levels, double wholeRange, double optimal, double clippedAtSigmas) {
    double largest = 0;
    for (float value : GAUSSIAN) {
      largest = Math.max(largest, Math.abs(value));
    }
    double clipped = QuantizedWeights.leastError(GAUSSIAN, levels);

    assertThat(decibels(Affine.symmetric(largest, levels))).isCloseTo(wholeRange, within(0.7));
    assertThat(decibels(Affine.symmetric(clipped, levels))).isCloseTo(optimal, within(0.25));
    assertThat(clipped).isCloseTo(clippedAtSigmas, within(0.12));
  }

  private static double decibels(Affine affine) {
    double signal = 0;
    double noise = 0;
    for (float value : GAUSSIAN) {
      double error = value - affine.round(value);
      signal += (double) value * value;
      noise += error * error;
    }
    return Decibels.ratio(signal, noise);
  }

  @Test
  void affine_keepsZeroExactlyAndRoundsHalfToEven() {
    Affine affine = Affine.unsigned8(-1.3, 2.9);
    assertThat(affine.round(0)).isZero();
    assertThat(affine.quantize(100)).isEqualTo(255);
    assertThat(affine.quantize(-100)).isZero();
    Affine unit = new Affine(1, 0, -127, 127);
    assertThat(unit.quantize(0.5)).isZero();
    assertThat(unit.quantize(1.5)).isEqualTo(2);
    assertThat(unit.quantize(2.5)).isEqualTo(2);
    assertThat(Affine.unsigned8(0, 0)).isEqualTo(new Affine(1, 0, 0, 255));
    assertThat(Affine.unsigned8(3, 5).zeroPoint()).isZero();
  }
}
