package dev.lathe.compress.rounding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.compress.GramMatrices;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RoundingTest {
  private static final int ROWS = 24;
  private static final int COLUMNS = 96;

  /** Inputs with strong correlations, as activations have. */
  private static double[] gram(SplittableRandom random) {
    double[] mixing = new double[COLUMNS * 12];
    for (int i = 0; i < mixing.length; i++) {
      mixing[i] = random.nextGaussian();
    }
    double[] gram = new double[COLUMNS * COLUMNS];
    for (int sample = 0; sample < 400; sample++) {
      double[] x = new double[COLUMNS];
      for (int factor = 0; factor < 12; factor++) {
        double strength = random.nextGaussian();
        for (int i = 0; i < COLUMNS; i++) {
          x[i] += strength * mixing[i * 12 + factor];
        }
      }
      for (int i = 0; i < COLUMNS; i++) {
        x[i] += 0.5 * random.nextGaussian();
      }
      for (int i = 0; i < COLUMNS; i++) {
        for (int j = 0; j < COLUMNS; j++) {
          gram[i * COLUMNS + j] += x[i] * x[j] / 400;
        }
      }
    }
    return gram;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void roundingWithRegardToInputs_losesLessThanHalfOfNearest(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] weights = new float[ROWS * COLUMNS];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) (0.1 * random.nextGaussian());
    }
    double[] gram = gram(random);
    BlockGrid grid = BlockGrid.of(weights, ROWS, COLUMNS, 4, 32);

    double nearest = error(weights, grid, grid.nearest(weights), gram);
    double gptq = error(weights, grid, Gptq.round(weights, grid, gram), gram);
    double adaRound = error(weights, grid, AdaRound.round(weights, grid, gram, 800), gram);

    assertThat(gptq).isLessThan(0.5 * nearest);
    assertThat(adaRound).isLessThan(0.5 * nearest);
  }

  private static double error(float[] weights, BlockGrid grid, int[] integers, double[] gram) {
    float[] quantized = grid.dequantize(integers);
    double[] difference = new double[weights.length];
    for (int i = 0; i < weights.length; i++) {
      assertThat(Math.abs(integers[i])).isLessThanOrEqualTo(grid.levels());
      difference[i] = (double) weights[i] - quantized[i];
    }
    return GramMatrices.outputError(difference, ROWS, COLUMNS, gram);
  }
}
