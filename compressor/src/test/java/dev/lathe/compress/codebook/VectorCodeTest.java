package dev.lathe.compress.codebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VectorCodeTest {
  private static double[] gaussian(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  @Test
  void clusteringInAllDimensions_equalsPlainVectorQuantization() {
    double[] weights = gaussian(9 * 2000, 1);
    VectorCode plain = VectorCode.plain(weights, 9, 64, new SplittableRandom(5));
    VectorCode rotated = VectorCode.lowRank(weights, 9, 9, 64, new SplittableRandom(5));
    assertThat(rotated.squaredError(weights))
        .isCloseTo(plain.squaredError(weights), within(1e-6 * plain.squaredError(weights)));
    assertThat(rotated.codes()).isEqualTo(plain.codes());
  }

  @Test
  void weightsOfFewDirections_areCodedBetterInFewDimensions() {
    double[] directions = gaussian(2 * 9, 2);
    double[] coefficients = gaussian(3000 * 2, 3);
    double[] noise = gaussian(3000 * 9, 4);
    double[] weights = new double[3000 * 9];
    for (int p = 0; p < 3000; p++) {
      for (int a = 0; a < 9; a++) {
        weights[p * 9 + a] =
            coefficients[2 * p] * directions[a]
                + coefficients[2 * p + 1] * directions[9 + a]
                + 0.01 * noise[p * 9 + a];
      }
    }
    VectorCode best = VectorCode.lowRank(weights, 9, 64, new SplittableRandom(5));
    VectorCode two = VectorCode.lowRank(weights, 9, 2, 64, new SplittableRandom(5));
    assertThat(two.bits(32))
        .isLessThan(VectorCode.plain(weights, 9, 64, new SplittableRandom(5)).bits(32));
    assertThat(best.squaredError(weights)).isLessThanOrEqualTo(two.squaredError(weights));
  }

  /** Spectra from flat to steep, many and few pieces. */
  @ParameterizedTest
  @CsvSource({
    "9, 0.95, 2000, 128",
    "9, 0.5, 2000, 128",
    "9, 0.3, 600, 64",
    "16, 0.7, 800, 128",
    "8, 0.8, 400, 100"
  })
  void clusteringDimension_isNearlyTheBestOfAllAtEqualBits(
      int length, double decay, int pieces, int clusters) {
    double[] weights = gaussian(pieces * length, 5);
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= Math.pow(decay, i % length);
    }
    long budget = VectorCode.plain(weights, length, clusters, new SplittableRandom(5)).bits(32);
    double best =
        VectorCode.plain(weights, length, clusters, new SplittableRandom(5)).squaredError(weights);
    for (int dimension = 1; dimension < length; dimension++) {
      int k = 256;
      while (pieces * VectorCode.codeBits(k) + 32 * dimension * (k + length) > budget) {
        k--;
      }
      VectorCode code = VectorCode.lowRank(weights, length, dimension, k, new SplittableRandom(5));
      best = Math.min(best, code.squaredError(weights));
    }
    VectorCode chosen = VectorCode.lowRank(weights, length, clusters, new SplittableRandom(5));
    assertThat(chosen.bits(32)).isLessThanOrEqualTo(budget);
    assertThat(chosen.squaredError(weights)).isLessThan(1.15 * best);
  }

  @Test
  void steepSpectrum_isCodedBetterThanByPlainVectorQuantizationOfEqualBits() {
    double[] weights = gaussian(600 * 9, 5);
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= Math.pow(0.4, i % 9);
    }
    VectorCode plain = VectorCode.plain(weights, 9, 64, new SplittableRandom(5));
    VectorCode low = VectorCode.lowRank(weights, 9, 64, new SplittableRandom(5));
    assertThat(low.bits(32)).isLessThanOrEqualTo(plain.bits(32));
    assertThat(low.squaredError(weights)).isLessThan(0.8 * plain.squaredError(weights));
  }

  @Test
  void size_isCodesPlusCodebookPlusBasis() {
    VectorCode plain = VectorCode.plain(gaussian(8 * 1000, 1), 8, 256, new SplittableRandom(1));
    assertThat(plain.bits(32)).isEqualTo(1000 * 8 + 256 * 8 * 32);
    VectorCode low = VectorCode.lowRank(gaussian(8 * 1000, 1), 8, 3, 16, new SplittableRandom(1));
    assertThat(low.bits(16)).isEqualTo(1000 * 4 + (16 * 3 + 3 * 8) * 16);
  }

  /** Inputs of which a few directions are strong. */
  @ParameterizedTest
  @CsvSource({"4, false", "9, false", "9, true"})
  void dataAwareCode_changesOutputsLess(int length, boolean lowRank) {
    int blocks = 5;
    int rows = 120;
    double[] weights = gaussian(rows * blocks * length, 3);
    double[][] grams = new double[blocks][length * length];
    for (int b = 0; b < blocks; b++) {
      double[] inputs = gaussian(200 * length, 10 + b);
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] *= (1 + b) * (i % length == b ? 6 : 0.5);
      }
      for (int i = 0; i < inputs.length; i++) {
        int row = i / length * length;
        for (int j = 0; j < length; j++) {
          grams[b][i % length * length + j] += inputs[i] * inputs[row + j];
        }
      }
    }
    VectorCode plain =
        lowRank
            ? VectorCode.lowRank(weights, length, 4, 48, new SplittableRandom(5))
            : VectorCode.plain(weights, length, 48, new SplittableRandom(5));
    VectorCode aware = DataAwareCode.refine(plain, weights, grams, 10);
    assertThat(aware.bits(32)).isEqualTo(plain.bits(32));
    assertThat(outputError(weights, aware, grams))
        .isLessThan(0.6 * outputError(weights, plain, grams));
  }

  private static double outputError(double[] weights, VectorCode code, double[][] grams) {
    double[] decoded = code.decode();
    int length = code.pieceLength();
    double error = 0;
    for (int p = 0; p < code.codes().length; p++) {
      double[] gram = grams[p % grams.length];
      for (int i = 0; i < length; i++) {
        for (int j = 0; j < length; j++) {
          error +=
              (weights[p * length + i] - decoded[p * length + i])
                  * gram[i * length + j]
                  * (weights[p * length + j] - decoded[p * length + j]);
        }
      }
    }
    return error;
  }

  @Test
  void separateClusters_areFoundExactlyEvenWhenSomeStartEmpty() {
    double[] points = new double[400];
    for (int i = 0; i < 400; i++) {
      points[i] = i % 4 * 10;
    }
    KMeans found = KMeans.cluster(points, 1, 4, 200, new SplittableRandom(3));
    assertThat(found.error()).isCloseTo(0, within(1e-12));
    assertThat(found.centroids()).containsExactlyInAnyOrder(0, 10, 20, 30);
  }

  @Test
  void moreClusters_neverLoseMore() {
    double[] weights = gaussian(4 * 1500, 9);
    double before = Double.POSITIVE_INFINITY;
    for (int clusters = 2; clusters <= 256; clusters *= 4) {
      double error =
          VectorCode.plain(weights, 4, clusters, new SplittableRandom(1)).squaredError(weights);
      assertThat(error).isLessThan(before);
      before = error;
    }
  }
}
