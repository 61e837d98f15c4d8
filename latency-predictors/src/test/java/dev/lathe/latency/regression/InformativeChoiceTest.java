package dev.lathe.latency.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class InformativeChoiceTest {
  /** Two groups of inputs that vary together, of three and two, and one input of no variance. */
  private static double[][] covariance() {
    double[][] covariance = new double[6][6];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        covariance[i][j] = i == j ? 1 : 0.9;
      }
    }
    for (int i = 3; i < 5; i++) {
      for (int j = 3; j < 5; j++) {
        covariance[i][j] = i == j ? 1 : 0.9;
      }
    }
    return covariance;
  }

  @Test
  void choice_takesOneOfEachGroup_theLargerFirst() {
    int[] chosen = InformativeChoice.of(covariance(), 0.01, 2);
    assertThat(chosen[0]).isBetween(0, 2);
    assertThat(chosen[1]).isBetween(3, 4);
    assertThat(InformativeChoice.of(covariance(), 0.01, 6)).doesNotHaveDuplicates().endsWith(5);
  }

  @Test
  void moreThanThereAre_isRefused() {
    assertThatThrownBy(() -> InformativeChoice.of(covariance(), 0.01, 7))
        .hasMessageContaining("7 of 6");
  }

  @Test
  void cholesky_solvesAndTellsTheDeterminant() {
    double[] matrix = {4, Double.NaN, Double.NaN, 2, 5, Double.NaN, 0.5, 1, 3};
    double logDeterminant = Cholesky.factor(matrix, 3);
    // 4·(5·3 - 1) - 2·(2·3 - 0.5) + 0.5·(2 - 2.5)
    assertThat(Math.exp(logDeterminant)).isCloseTo(44.75, within(1e-9));
    double[] x = Cholesky.solve(matrix, 3, new double[] {6.5, 8, 4.5});
    assertThat(x).containsExactly(new double[] {1, 1, 1}, within(1e-9));
  }
}
