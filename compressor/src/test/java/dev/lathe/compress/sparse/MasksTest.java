package dev.lathe.compress.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MasksTest {
  @Test
  void twoOfFour_keepsTheTwoLargestOfEachGroupAtEachKernelPosition() {
    // One row, 8 input channels, 2 positions: columns are channel * 2 + position.
    float[] weights = {1, 8, 2, 7, 3, 6, 4, 5, -9, 1, 1, -9, 2, 3, 3, 2};
    boolean[] kept = Masks.twoOfFour(weights, 1, 16, 2, new double[0]);
    assertThat(Masks.apply(weights, kept))
        .containsExactly(0, 8, 0, 7, 3, 0, 4, 0, -9, 0, 0, -9, 0, 3, 3, 0);
  }

  @Test
  void twoOfFour_leavesExactlyHalfOfARandomMatrix() {
    SplittableRandom random = new SplittableRandom(1);
    float[] weights = new float[16 * 64 * 9];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    boolean[] kept = Masks.twoOfFour(weights, 16, 64 * 9, 9, new double[0]);
    int count = 0;
    for (boolean keep : kept) {
      count += keep ? 1 : 0;
    }
    assertThat(count).isEqualTo(weights.length / 2);
  }

  @Test
  void inputNorms_decideBetweenEqualWeights() {
    boolean[] kept = Masks.rows(new float[] {1, 1, 1, 1}, 1, 4, new double[] {1, 5, 2, 9}, 0.5);
    assertThat(kept).containsExactly(false, true, false, true);
  }
}
