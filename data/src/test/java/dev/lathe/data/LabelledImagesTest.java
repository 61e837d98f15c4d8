package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class LabelledImagesTest {
  @Test
  void of_lengthsThatDoNotMatch_areNamed() {
    assertThatThrownBy(
            () -> LabelledImages.of(new ImageShape(3, 2, 2), new byte[23], new int[] {0, 1}))
        .hasMessageContaining("24 pixel bytes, not 23");
  }

  @Test
  void subset_keepsOrderAndLabels() {
    LabelledImages images =
        LabelledImages.of(
            new ImageShape(1, 1, 2), new byte[] {1, 2, 3, 4, 5, 6}, new int[] {0, 1, 2});
    LabelledImages subset = images.subset(new int[] {2, 0});
    assertThat(subset.pixels(0)).containsExactly(5, 6);
    assertThat(subset.pixels(1)).containsExactly(1, 2);
    assertThat(subset.labels()).containsExactly(2, 0);
  }

  @Test
  void resized_toHalf_averagesAreas() {
    byte[] pixels = {0, 100, 10, 20, 50, 50, 30, 40};
    LabelledImages half =
        LabelledImages.of(new ImageShape(1, 2, 4), pixels, new int[] {0}).resized(1, 2);
    assertThat(half.pixels(0)).containsExactly(50, 25);
  }

  @Test
  void resized_byAnOddRatio_keepsTheMeanAndWeighsParts() {
    // Three pixels to two: the middle one belongs half to each.
    LabelledImages two =
        LabelledImages.of(
                new ImageShape(1, 3, 3),
                new byte[] {0, 60, 120, 0, 60, 120, 0, 60, 120},
                new int[] {0})
            .resized(2, 2);
    assertThat(two.pixels(0)).containsExactly(20, 100, 20, 100);
  }

  @Test
  void resized_larger_interpolatesBetweenCentres() {
    LabelledImages four =
        LabelledImages.of(new ImageShape(1, 2, 2), new byte[] {0, 100, 0, 100}, new int[] {0})
            .resized(4, 4);
    assertThat(java.util.Arrays.copyOf(four.pixels(0), 4)).containsExactly(0, 25, 75, 100);
  }

  @Test
  void resized_otherAspectRatio_takesTheCentre() {
    byte[] pixels = {9, 1, 2, 9, 9, 3, 4, 9};
    LabelledImages square =
        LabelledImages.of(new ImageShape(1, 2, 4), pixels, new int[] {0}).resized(2, 2);
    assertThat(square.pixels(0)).containsExactly(1, 2, 3, 4);
  }

  @Test
  void normalization_isThatOfAllPixels_andBatchesHaveMeanZero() {
    LabelledImages images =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(200, 1, 1), Progress.none()).train();
    Normalization normalization = Normalization.of(images);
    float[] batch = Batches.of(images, 0, 200, normalization);
    int plane = 28 * 28;
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 200; i++) {
        for (int k = 0; k < plane; k++) {
          double value = batch[(i * 3 + c) * plane + k];
          sum += value;
          squares += value * value;
        }
      }
      assertThat(sum / (200.0 * plane)).isCloseTo(0, within(1e-4));
      assertThat(squares / (200.0 * plane)).isCloseTo(1, within(1e-3));
    }
  }

  @Test
  void batches_outsideTheImages_areRefused() {
    LabelledImages images =
        LabelledImages.of(new ImageShape(1, 1, 1), new byte[] {1, 2}, new int[] {0, 1});
    Normalization plain = new Normalization(new float[] {0}, new float[] {1});
    assertThatThrownBy(() -> Batches.of(images, 1, 3, plain)).hasMessageContaining("1 to 3");
    assertThat(Batches.of(images, 1, 2, plain)).containsExactly(2 / 255f);
  }

  @Test
  void dataSet_hashSeesASinglePixelAndALabel() {
    String plain = hash(new byte[] {1, 2}, new int[] {0, 1});
    assertThat(hash(new byte[] {1, 2}, new int[] {0, 1})).isEqualTo(plain);
    assertThat(hash(new byte[] {1, 3}, new int[] {0, 1})).isNotEqualTo(plain);
    assertThat(hash(new byte[] {1, 2}, new int[] {1, 1})).isNotEqualTo(plain);
  }

  private static String hash(byte[] pixels, int[] labels) {
    LabelledImages images = LabelledImages.of(new ImageShape(1, 1, 1), pixels, labels);
    return DataSet.of("x", List.of("a", "b"), images, images, images, false).sha256();
  }

  @Test
  void dataSet_labelWithoutClass_isNamed() {
    LabelledImages images =
        LabelledImages.of(new ImageShape(1, 1, 1), new byte[] {1}, new int[] {2});
    assertThatThrownBy(() -> DataSet.of("x", List.of("a", "b"), images, images, images, false))
        .hasMessageContaining("label 2");
  }
}
