package dev.lathe.latency.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RegressionTest {
  @Test
  void kendall_equalsCountingAllPairs() {
    var random = new SplittableRandom(1);
    for (int round = 0; round < 20; round++) {
      double[] left = random.doubles(60).map(d -> Math.floor(d * 12)).toArray();
      double[] right = random.doubles(60).map(d -> Math.floor(d * 30)).toArray();
      long concordant = 0;
      long discordant = 0;
      long distinctLeft = 0;
      long distinctRight = 0;
      for (int i = 0; i < 60; i++) {
        for (int j = 0; j < i; j++) {
          double sign = Math.signum(left[i] - left[j]) * Math.signum(right[i] - right[j]);
          concordant += sign > 0 ? 1 : 0;
          discordant += sign < 0 ? 1 : 0;
          distinctLeft += left[i] != left[j] ? 1 : 0;
          distinctRight += right[i] != right[j] ? 1 : 0;
        }
      }
      double expected =
          (concordant - discordant) / Math.sqrt((double) distinctLeft * distinctRight);
      assertThat(RankCorrelation.kendall(left, right)).isCloseTo(expected, within(1e-12));
    }
  }

  @Test
  void spearman_givesTiesTheirMeanRank() {
    assertThat(RankCorrelation.ranks(new double[] {3, 1, 3, 2})).containsExactly(3.5, 1, 3.5, 2);
    assertThat(RankCorrelation.spearman(new double[] {1, 2, 3}, new double[] {10, 100, 1000}))
        .isCloseTo(1, within(1e-12));
    assertThat(RankCorrelation.spearman(new double[] {1, 2, 3}, new double[] {5, 5, 5})).isNaN();
  }

  @Test
  void nonNegativeLeastSquares_meetsTheOptimalityConditions() {
    var random = new SplittableRandom(2);
    for (int round = 0; round < 30; round++) {
      int n = 40;
      int features = 12;
      double[][] a = new double[n][features];
      double[] b = new double[n];
      for (int i = 0; i < n; i++) {
        for (int f = 0; f < features; f++) {
          a[i][f] = random.nextGaussian() + (f % 3 == 0 ? a[i][Math.max(0, f - 1)] : 0);
        }
        b[i] = random.nextGaussian();
      }
      double ridge = 1e-6;
      double[] x = NonNegativeLeastSquares.solve(a, b, ridge);
      for (int f = 0; f < features; f++) {
        double gradient = -ridge * x[f];
        for (int i = 0; i < n; i++) {
          double residual = b[i];
          for (int k = 0; k < features; k++) {
            residual -= a[i][k] * x[k];
          }
          gradient += a[i][f] * residual;
        }
        assertThat(x[f]).isNotNegative();
        if (x[f] > 0) {
          assertThat(gradient).isCloseTo(0, within(1e-6));
        } else {
          assertThat(gradient).isLessThan(1e-6);
        }
      }
    }
  }

  @Test
  void gaussianProcess_learnsASmoothFunction() {
    var random = new SplittableRandom(3);
    double[][] x = new double[60][2];
    double[] y = new double[60];
    for (int i = 0; i < 60; i++) {
      x[i] = new double[] {random.nextGaussian(), random.nextGaussian()};
      y[i] = Math.sin(x[i][0]) + 0.5 * x[i][1] + 0.01 * random.nextGaussian();
    }
    GaussianProcess process = GaussianProcess.fit(x, y);
    for (double at = -1; at <= 1; at += 0.25) {
      assertThat(process.predict(new double[] {at, -at}))
          .isCloseTo(Math.sin(at) - 0.5 * at, within(0.1));
    }
  }

  @Test
  void conformalBound_isExceededAsSeldomAsStated() {
    var random = new SplittableRandom(4);
    int exceeded = 0;
    for (int round = 0; round < 4000; round++) {
      double[] scores = random.doubles(19).toArray();
      exceeded += random.nextDouble() > Conformal.bound(scores, 0.9) ? 1 : 0;
    }
    // 18th of 19 scores: exceeded with probability 0.1, standard error 0.005
    assertThat(exceeded / 4000.0).isCloseTo(0.1, within(0.02));
  }
}
