package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.Augmentation.Padding;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final Normalization PLAIN =
      new Normalization(new float[] {0, 0, 0}, new float[] {1, 1, 1});
  private static final Normalization SHIFTED =
      new Normalization(new float[] {0.5f, 0.4f, 0.3f}, new float[] {0.2f, 0.3f, 0.4f});

  /** One image of 3×4×5 whose values are 1 … 60. */
  private static LabelledImages counted() {
    byte[] pixels = new byte[60];
    for (int i = 0; i < 60; i++) {
      pixels[i] = (byte) (i + 1);
    }
    return LabelledImages.of(new ImageShape(3, 4, 5), pixels, new int[] {0});
  }

  private static float[] augmented(Augmentation augmentation, LabelledImages images, long seed) {
    float[] out = new float[images.shape().values()];
    augmentation.batch(images, new int[] {0}, PLAIN, new SplittableRandom(seed), out);
    return out;
  }

  @Test
  void none_equalsThePlainBatch() {
    LabelledImages images = counted();
    float[] out = new float[60];
    Augmentation.none().batch(images, new int[] {0}, SHIFTED, new SplittableRandom(1), out);
    assertThat(out).containsExactly(Batches.of(images, 0, 1, SHIFTED));
  }

  @Test
  void flip_mirrorsHalfOfTheImages() {
    Augmentation flip = new Augmentation(0, Padding.MEAN, true, 0, 0, 0);
    int mirrored = 0;
    for (int seed = 0; seed < 400; seed++) {
      float[] out = augmented(flip, counted(), seed);
      boolean isMirrored = Math.round(out[0] * 255) == 5;
      mirrored += isMirrored ? 1 : 0;
      for (int i = 0; i < 60; i++) {
        int x = isMirrored ? 4 - i % 5 : i % 5;
        assertThat(Math.round(out[i] * 255)).isEqualTo(i / 5 * 5 + x + 1);
      }
    }
    assertThat(mirrored).isBetween(160, 240);
  }

  @Test
  void shift_movesByEveryDistance_andFillsWithTheMean() {
    Augmentation shift = new Augmentation(2, Padding.MEAN, true, 0, 0, 0);
    assertMatchesASlowShift(shift, false);
  }

  @Test
  void shift_withEdgePadding_repeatsTheNearestPixel() {
    Augmentation shift = new Augmentation(2, Padding.EDGE, true, 0, 0, 0);
    assertMatchesASlowShift(shift, true);
  }

  @Test
  void shift_largerThanTheImage_stillFillsEverything() {
    Augmentation shift = new Augmentation(9, Padding.EDGE, false, 0, 0, 0);
    for (int seed = 0; seed < 200; seed++) {
      for (float value : augmented(shift, counted(), seed)) {
        assertThat(value).isPositive();
      }
    }
  }

  private static void assertMatchesASlowShift(Augmentation shift, boolean edge) {
    Set<String> moves = new HashSet<>();
    for (int seed = 0; seed < 1500; seed++) {
      float[] out = augmented(shift, counted(), seed);
      String move = explain(out, edge);
      assertThat(move).as("seed %d", seed).isNotEmpty();
      moves.add(move);
    }
    assertThat(moves).hasSize(5 * 5 * 2);
  }

  /** The one shift and mirroring that gives these values, or nothing. */
  private static String explain(float[] out, boolean edge) {
    for (int dy = -2; dy <= 2; dy++) {
      for (int dx = -2; dx <= 2; dx++) {
        for (boolean mirrored : new boolean[] {false, true}) {
          boolean equal = true;
          for (int i = 0; i < 60 && equal; i++) {
            int y = i / 5 % 4 - dy;
            int x = i % 5 - dx;
            boolean inside = y >= 0 && y < 4 && x >= 0 && x < 5;
            int column = mirrored ? 4 - Math.clamp(x, 0, 4) : Math.clamp(x, 0, 4);
            int value = i / 20 * 20 + Math.clamp(y, 0, 3) * 5 + column + 1;
            equal = Math.round(out[i] * 255) == (inside || edge ? value : 0);
          }
          if (equal) {
            return dx + "," + dy + "," + mirrored;
          }
        }
      }
    }
    return "";
  }

  @Test
  void brightness_addsTheSameToAll() {
    Augmentation bright = new Augmentation(0, Padding.MEAN, false, 0.1f, 0, 0);
    byte[] pixels = new byte[60];
    Arrays.fill(pixels, (byte) 128);
    LabelledImages grey = LabelledImages.of(new ImageShape(3, 4, 5), pixels, new int[] {0});
    float least = 1;
    float most = 0;
    for (int seed = 0; seed < 300; seed++) {
      float[] out = augmented(bright, grey, seed);
      least = Math.min(least, out[0]);
      most = Math.max(most, out[0]);
    }
    assertThat(least).isCloseTo(128 / 255f - 0.1f, within(0.01f));
    assertThat(most).isCloseTo(128 / 255f + 0.1f, within(0.01f));
  }

  @Test
  void contrast_keepsTheMean() {
    Augmentation contrast = new Augmentation(0, Padding.MEAN, false, 0, 0.5f, 0);
    byte[] pixels = counted().pixels(0);
    for (int i = 0; i < 60; i++) {
      pixels[i] = (byte) (pixels[i] + 100);
    }
    LabelledImages brighter = LabelledImages.of(new ImageShape(3, 4, 5), pixels, new int[] {0});
    for (int seed = 0; seed < 50; seed++) {
      float[] out = augmented(contrast, brighter, seed);
      double mean = IntStream.range(0, 60).mapToDouble(i -> out[i]).average().orElseThrow();
      assertThat(mean).isCloseTo(130.5 / 255, within(1e-3));
    }
  }

  @Test
  void saturation_keepsGreyImagesAndTheBrightnessOfColouredOnes() {
    Augmentation saturation = new Augmentation(0, Padding.MEAN, false, 0, 0, 0.5f);
    byte[] pixels = new byte[60];
    Arrays.fill(pixels, 0, 20, (byte) 120);
    Arrays.fill(pixels, 20, 40, (byte) 100);
    Arrays.fill(pixels, 40, 60, (byte) 80);
    LabelledImages coloured = LabelledImages.of(new ImageShape(3, 4, 5), pixels, new int[] {0});
    double before = 0.299 * 120 + 0.587 * 100 + 0.114 * 80;
    boolean changed = false;
    for (int seed = 0; seed < 20; seed++) {
      float[] out = augmented(saturation, coloured, seed);
      double after = 255 * (0.299 * out[0] + 0.587 * out[20] + 0.114 * out[40]);
      assertThat(after).isCloseTo(before, within(0.05));
      changed |= Math.abs(out[0] * 255 - 120) > 2;
    }
    assertThat(changed).isTrue();
  }

  @Test
  void colours_stayThoseOfARealImage() {
    Augmentation strong = new Augmentation(2, Padding.EDGE, true, 0.5f, 0.9f, 0.9f);
    LabelledImages images =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(64, 1, 1), Progress.none()).train();
    float[] out = new float[64 * images.shape().values()];
    int[] all = IntStream.range(0, 64).toArray();
    strong.batch(images, all, PLAIN, new SplittableRandom(1), out);
    for (float value : out) {
      assertThat(value).isBetween(-1e-6f, 1 + 1e-6f);
    }
  }

  @Test
  void batch_sameRandom_isTheSame() {
    Augmentation all = new Augmentation(2, Padding.EDGE, true, 0.1f, 0.1f, 0.1f);
    assertThat(augmented(all, counted(), 9)).containsExactly(augmented(all, counted(), 9));
  }

  @Test
  void augmentation_outOfRange_isNamed() {
    assertThatThrownBy(() -> new Augmentation(0, Padding.MEAN, false, 0, 1.5f, 0))
        .hasMessageContaining("contrast 1.5");
    assertThatThrownBy(() -> new Augmentation(-1, Padding.MEAN, false, 0, 0, 0))
        .hasMessageContaining("-1");
  }

  @Test
  void of_takesFlipAndShiftFromTheData() {
    DataSet data =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(2000, 10, 10), Progress.none());
    assertThat(Augmentation.of(data)).isEqualTo(new Augmentation(3, Padding.MEAN, true, 0, 0, 0));
  }

  @Test
  void of_fewImages_changesColoursToo() {
    DataSet data =
        DataSets.load("builtin", DataOptions.of(1).withAtMost(10, 10, 10), Progress.none());
    Augmentation augmentation = Augmentation.of(data);
    assertThat(augmentation.contrast()).isGreaterThan(0);
    assertThat(augmentation.padding()).isEqualTo(Padding.EDGE);
  }
}
