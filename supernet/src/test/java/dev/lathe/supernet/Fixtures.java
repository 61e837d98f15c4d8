package dev.lathe.supernet;

import dev.lathe.data.Augmentation;
import dev.lathe.data.ImageShape;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import java.util.random.RandomGenerator;

/** A small space and images that are easy to tell apart. */
public final class Fixtures {
  public static final ImageShape SHAPE = new ImageShape(1, 8, 8);
  public static final Normalization NORMALIZATION =
      new Normalization(new float[] {0.5f}, new float[] {0.25f});

  private Fixtures() {}

  public static MobileSpace space() {
    return new MobileSpace(
        MobileSpecReader.read(
            """
            name: tiny
            input: {channels: 1, resolution: [8]}
            stem: {width: 8, stride: 1, activation: hard-swish}
            stages:
              - {width: [8, 16], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [1, 2], squeezeExcite: [false, true], activation: [relu, hard-swish]}
              - {width: [16, 24], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [2, 3], activation: [relu6]}
            head: {width: 16}
            """),
        2);
  }

  /** Class 0 is bright on the left, class 1 on the right; the rest is noise. */
  public static LabelledImages images(int count, RandomGenerator random) {
    byte[] pixels = new byte[count * 64];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = random.nextInt(2);
      for (int p = 0; p < 64; p++) {
        boolean bright = (p % 8 < 4) == (labels[i] == 0);
        pixels[i * 64 + p] = (byte) (random.nextInt(150) + (bright ? 60 : 0));
      }
    }
    return LabelledImages.of(SHAPE, pixels, labels);
  }

  public static TrainingSettings settings(long steps) {
    return TrainingSettings.of(steps, Augmentation.none()).withBatch(16);
  }
}
