package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ClassBalanceTest {
  private static LabelledImages images(int... labels) {
    byte[] pixels = new byte[labels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
    }
    return LabelledImages.of(new ImageShape(1, 1, 1), pixels, labels);
  }

  @Test
  void everyClass_comesAsOftenAsTheLargest() {
    LabelledImages balanced = ClassBalance.balanced(images(0, 1, 0, 0, 1, 0, 0, 2), 4);
    assertThat(ClassBalance.counts(balanced, 4)).containsExactly(5, 5, 5, 0);
    int[] times = new int[8];
    for (int i = 0; i < balanced.size(); i++) {
      times[balanced.pixels(i)[0]]++;
    }
    assertThat(times)
        .as("of a class's images each equally often")
        .containsExactly(1, 3, 1, 1, 2, 1, 1, 5);
  }

  @Test
  void evenClasses_stayAsTheyAre() {
    LabelledImages balanced = ClassBalance.balanced(images(0, 1, 1, 0), 2);
    assertThat(Arrays.equals(balanced.labels(), new int[] {0, 1, 1, 0})).isTrue();
  }

  @Test
  void uneven_countsFromHalfAsManyMore() {
    assertThat(ClassBalance.uneven(images(0, 0, 0, 1, 1), 2)).isFalse();
    assertThat(ClassBalance.uneven(images(0, 0, 0, 0, 1, 1), 2)).isTrue();
  }
}
