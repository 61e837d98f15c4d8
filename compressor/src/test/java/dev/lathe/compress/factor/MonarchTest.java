package dev.lathe.compress.factor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MonarchTest {
  private static double[] gaussian(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  private static double relativeError(double[] wanted, double[] found) {
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < wanted.length; i++) {
      signal += wanted[i] * wanted[i];
      noise += (wanted[i] - found[i]) * (wanted[i] - found[i]);
    }
    return Math.sqrt(noise / signal);
  }

  @Test
  void kroneckerProduct_isAMonarchMatrix() {
    double[] a = gaussian(32 * 32, 1);
    double[] b = gaussian(32 * 32, 2);
    double[] product = new double[1024 * 1024];
    for (int row = 0; row < 1024; row++) {
      for (int column = 0; column < 1024; column++) {
        // Kronecker product with the outer matrix over l and k, the inner over j and i.
        product[row * 1024 + column] =
            a[row / 32 * 32 + column / 32] * b[row % 32 * 32 + column % 32];
      }
    }
    Monarch monarch = Monarch.project(product, 1024, 1024, 32, 32);
    assertThat(relativeError(product, monarch.dense())).isLessThan(1e-12);
    assertThat(monarch.parameters()).isEqualTo(2 * 32 * 32 * 32);
  }

  /**
   * The discrete Fourier transform of 1024 points, its columns in the order of a transposed 32 × 32
   * square; as real numbers, so that a complex rank of 1 is a rank of 2.
   */
  @ParameterizedTest
  @CsvSource({"true, 0, 1e-12", "false, 0.983, 0.985"})
  void fourierTransform_isAMonarchMatrixInTheRightOrder(
      boolean transposed, double least, double most) {
    int n = 1024;
    double[] matrix = new double[4 * n * n];
    for (int row = 0; row < n; row++) {
      for (int k = 0; k < 32; k++) {
        for (int i = 0; i < 32; i++) {
          int column = transposed ? 32 * i + k : 32 * k + i;
          double angle = 2 * Math.PI * (row * column % n) / n;
          int real = k * 64 + i;
          matrix[row * 2 * n + real] = Math.cos(angle);
          matrix[row * 2 * n + real + 32] = Math.sin(angle);
          matrix[(n + row) * 2 * n + real] = -Math.sin(angle);
          matrix[(n + row) * 2 * n + real + 32] = Math.cos(angle);
        }
      }
    }
    Monarch monarch = Monarch.project(matrix, 2 * n, 2 * n, 32, 32, 2);
    assertThat(relativeError(matrix, monarch.dense())).isBetween(least, most);
  }

  @Test
  void blocksOfFullRank_areTheMatrixItself() {
    double[] matrix = gaussian(24 * 40, 4);
    Monarch monarch = Monarch.project(matrix, 24, 40, 4, 6, 4);
    assertThat(relativeError(matrix, monarch.dense())).isLessThan(1e-12);
  }

  /** The Walsh-Hadamard transform: fast transforms are Monarch matrices. */
  @Test
  void hadamardTransform_isAMonarchMatrix() {
    double[] hadamard = new double[1024 * 1024];
    for (int row = 0; row < 1024; row++) {
      for (int column = 0; column < 1024; column++) {
        hadamard[row * 1024 + column] = Integer.bitCount(row & column) % 2 == 0 ? 1 : -1;
      }
    }
    Monarch monarch = Monarch.project(hadamard, 1024, 1024, 32, 32);
    assertThat(relativeError(hadamard, monarch.dense())).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"32, 32, 0.941", "4, 256, 0.990"})
  void gaussianMatrix_hasTheKnownError(int inputBlocks, int outputBlocks, double upTo) {
    double[] matrix = gaussian(1024 * 1024, 3);
    Monarch monarch = Monarch.project(matrix, 1024, 1024, inputBlocks, outputBlocks);
    double error = relativeError(matrix, monarch.dense());
    if (inputBlocks == 32) {
      assertThat(error).isCloseTo(upTo, within(0.002));
    } else {
      assertThat(error).isLessThan(upTo);
    }
  }

  @Test
  void rectangularMatrix_isProjectedBlockByBlock() {
    double[] matrix = gaussian(24 * 40, 4);
    Monarch monarch = Monarch.project(matrix, 24, 40, 4, 6);
    double[] once = monarch.dense();
    double[] twice = Monarch.project(once, 24, 40, 4, 6).dense();
    assertThat(relativeError(once, twice)).isLessThan(1e-12);
    assertThat(relativeError(matrix, once)).isLessThan(1);
  }

  @Test
  void blocksThatDoNotDivide_areRefused() {
    assertThatThrownBy(() -> Monarch.project(new double[35], 5, 7, 2, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("do not divide")
        .hasMessageContaining("Maybe");
  }

  @Test
  void lowRankFactors_areExactAtFullRankAndBestBelow() {
    double[] left = gaussian(20 * 3, 5);
    double[] right = gaussian(3 * 12, 6);
    double[] matrix = Factors.product(left, right, 20, 3, 12);
    assertThat(relativeError(matrix, Factors.of(matrix, 20, 12, 3).product(20, 12)))
        .isLessThan(1e-12);
    assertThat(relativeError(matrix, Factors.of(matrix, 20, 12, 2).product(20, 12)))
        .isBetween(1e-3, 1.0);
  }

  @Test
  void activationAwareFactors_loseLessOfTheOutput() {
    double[] weights = gaussian(16 * 24, 7);
    double[] inputs = gaussian(200 * 24, 8);
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] *= i % 24 < 6 ? 10 : 0.3;
    }
    double[] gram = new double[24 * 24];
    for (int r = 0; r < 200; r++) {
      for (int a = 0; a < 24; a++) {
        for (int b = 0; b < 24; b++) {
          gram[a * 24 + b] += inputs[r * 24 + a] * inputs[r * 24 + b];
        }
      }
    }
    double plain = outputError(weights, Factors.of(weights, 16, 24, 6).product(16, 24), inputs);
    double aware =
        outputError(weights, Factors.of(weights, 16, 24, 6, gram).product(16, 24), inputs);
    assertThat(aware).isLessThan(0.3 * plain);
  }

  private static double outputError(double[] weights, double[] factored, double[] inputs) {
    double error = 0;
    for (int r = 0; r < 200; r++) {
      for (int row = 0; row < 16; row++) {
        double difference = 0;
        for (int c = 0; c < 24; c++) {
          difference += (weights[row * 24 + c] - factored[row * 24 + c]) * inputs[r * 24 + c];
        }
        error += difference * difference;
      }
    }
    return error;
  }
}
