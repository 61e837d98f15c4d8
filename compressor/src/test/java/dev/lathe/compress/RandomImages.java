package dev.lathe.compress;

import java.util.SplittableRandom;

/** Random images of a form. */
record RandomImages(int channels, int height, int width) implements SingleInput {
  @Override
  public int images() {
    return 4;
  }

  @Override
  public float[] batch(int from, int to) {
    SplittableRandom random = new SplittableRandom(from);
    float[] values = new float[(to - from) * channels * height * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Override
  public long[] shape(int n) {
    return new long[] {n, channels, height, width};
  }
}
