package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class AccuracyTest {
  @Test
  void of_countsTopOneTopFiveAndBalanced() {
    int classes = 7;
    // Class 0 three times (right, right, second place), class 6 once (sixth place).
    float[] logits = {
      9, 1, 2, 3, 4, 5, 6, //
      9, 1, 2, 3, 4, 5, 6, //
      8, 1, 2, 3, 4, 5, 9, //
      9, 8, 7, 6, 5, 0, 1,
    };
    Accuracy accuracy = Accuracy.of(logits, classes, new int[] {0, 0, 0, 6});
    assertThat(accuracy.top1()).isEqualTo(0.5);
    assertThat(accuracy.top5()).isEqualTo(0.75);
    assertThat(accuracy.balanced()).isCloseTo((2.0 / 3 + 0) / 2, within(1e-12));
    assertThat(accuracy.images()).isEqualTo(4);
  }

  @Test
  void counter_overBatches_equalsOneCall() {
    float[] logits = new float[300];
    int[] labels = new int[100];
    java.util.Random random = new java.util.Random(1);
    for (int i = 0; i < 300; i++) {
      logits[i] = random.nextFloat();
      labels[i / 3] = random.nextInt(3);
    }
    Accuracy.Counter counter = new Accuracy.Counter(3);
    counter.add(java.util.Arrays.copyOfRange(logits, 0, 120), labels, 0, 40);
    counter.add(java.util.Arrays.copyOfRange(logits, 120, 300), labels, 40, 100);
    assertThat(counter.accuracy()).isEqualTo(Accuracy.of(logits, 3, labels));
  }

  @Test
  void and_isTheAccuracyOverBoth() {
    float[] logits = new float[400];
    int[] labels = new int[100];
    java.util.Random random = new java.util.Random(2);
    for (int i = 0; i < 400; i++) {
      logits[i] = random.nextFloat();
      labels[i / 4] = random.nextInt(3); // one class never occurs
    }
    Accuracy first =
        Accuracy.of(
            java.util.Arrays.copyOfRange(logits, 0, 120),
            4,
            java.util.Arrays.copyOfRange(labels, 0, 30));
    Accuracy second =
        Accuracy.of(
            java.util.Arrays.copyOfRange(logits, 120, 400),
            4,
            java.util.Arrays.copyOfRange(labels, 30, 100));
    Accuracy both = Accuracy.of(logits, 4, labels);
    Accuracy sum = first.and(second);
    assertThat(sum.top1()).isCloseTo(both.top1(), within(1e-12));
    assertThat(sum.balanced()).isCloseTo(both.balanced(), within(1e-12));
    assertThat(sum.top5()).isCloseTo(both.top5(), within(1e-12));
    assertThat(sum.images()).isEqualTo(100);
    assertThat(sum.confusion()).isEqualTo(both.confusion());
  }

  @Test
  void of_constantLogits_areRightForTheFirstClassOnly() {
    assertThat(Accuracy.of(new float[6], 2, new int[] {0, 1, 1}).top1())
        .isCloseTo(1.0 / 3, within(1e-12));
  }

  @Test
  void of_notANumber_isWrong() {
    float nan = Float.NaN;
    assertThat(Accuracy.of(new float[] {nan, nan}, 2, new int[] {0}).top1()).isZero();
  }

  @Test
  void of_wrongLength_isNamed() {
    assertThatThrownBy(() -> Accuracy.of(new float[5], 2, new int[] {0, 1}))
        .hasMessageContaining("4 logits, not 5");
  }

  @Test
  void of_noImages_isRefused() {
    assertThatThrownBy(() -> Accuracy.of(new float[0], 2, new int[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
