package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void wilson_isThatOfTheLiterature() {
    // 26 of 30: 0.703 to 0.947.
    Interval interval = Interval.wilson(26 / 30.0, 30);
    assertThat(interval.lower()).isCloseTo(0.7032, within(1e-3));
    assertThat(interval.upper()).isCloseTo(0.9469, within(1e-3));
  }

  @Test
  void wilson_holdsTheTruthAsOftenAsItSays() {
    Random random = new Random(1);
    int held = 0;
    for (int run = 0; run < 2000; run++) {
      int right = 0;
      for (int i = 0; i < 31; i++) {
        right += random.nextDouble() < 0.8 ? 1 : 0;
      }
      Interval interval = Interval.wilson(right / 31.0, 31);
      held += interval.lower() <= 0.8 && 0.8 <= interval.upper() ? 1 : 0;
    }
    assertThat(held / 2000.0).isBetween(0.92, 0.98);
  }

  @Test
  void balanced_holdsTheTruthAlsoWhereAClassIsRare() {
    Random random = new Random(2);
    int held = 0;
    for (int run = 0; run < 2000; run++) {
      int[] right = new int[2];
      int[] seen = {300, 12};
      double[] truth = {0.95, 0.6};
      for (int c = 0; c < 2; c++) {
        for (int i = 0; i < seen[c]; i++) {
          right[c] += random.nextDouble() < truth[c] ? 1 : 0;
        }
      }
      Interval interval = Interval.balanced(right, seen);
      held += interval.lower() <= 0.775 && 0.775 <= interval.upper() ? 1 : 0;
    }
    assertThat(held / 2000.0).isBetween(0.91, 0.99);
  }

  @Test
  void confusion_countsWhatWasTakenForWhat() {
    Accuracy accuracy = Accuracy.of(new float[] {1, 0, 0, 1, 1, 0}, 2, new int[] {0, 1, 1});
    assertThat(accuracy.confusion())
        .containsExactly(java.util.List.of(1, 0), java.util.List.of(1, 1));
    assertThat(accuracy.recall()).containsExactly(1.0, 0.5);
    assertThat(accuracy.balancedInterval().lower()).isLessThan(0.75);
  }
}
