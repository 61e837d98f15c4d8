package dev.lathe.graph;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** The first values of a stored tensor. */
public sealed interface Initializer {
  /** Normal with variance 2 / (out · kernel), of a convolution (He et al., arXiv 1502.01852). */
  record KaimingFanOut() implements Initializer {}

  /** Normal with variance 2 / kernel: the same for filters of a single channel. */
  record KaimingDepthwise() implements Initializer {}

  /** Normal around 0. */
  record Normal(double deviation) implements Initializer {}

  /** Normal around 0, drawn again beyond two deviations. */
  record TruncatedNormal(double deviation) implements Initializer {}

  /** All the same. */
  record Constant(float value) implements Initializer {}

  /** Convolution [out, in, …] that passes its first min(out, in) channels through. */
  record Dirac() implements Initializer {}

  static Initializer ones() {
    return new Constant(1);
  }

  static Initializer zeros() {
    return new Constant(0);
  }

  /**
   * Draws values, row-major.
   *
   * @param shape extent, one number a dimension
   */
  default float[] draw(List<Integer> shape, RandomGenerator random) {
    float[] values = new float[shape.stream().reduce(1, Math::multiplyExact)];
    switch (this) {
      case KaimingFanOut _ ->
          normal(values, Math.sqrt(2.0 / (shape.getFirst() * kernel(shape))), random);
      case KaimingDepthwise _ -> normal(values, Math.sqrt(2.0 / kernel(shape)), random);
      case Normal(double deviation) -> normal(values, deviation, random);
      case TruncatedNormal(double deviation) -> {
        for (int i = 0; i < values.length; i++) {
          double drawn = random.nextGaussian();
          while (Math.abs(drawn) > 2) {
            drawn = random.nextGaussian();
          }
          values[i] = (float) (drawn * deviation);
        }
      }
      case Constant(float value) -> Arrays.fill(values, value);
      case Dirac _ -> {
        int kernel = kernel(shape);
        for (int c = 0; c < Math.min(shape.get(0), shape.get(1)); c++) {
          values[(c * shape.get(1) + c) * kernel + kernel / 2] = 1;
        }
      }
    }
    return values;
  }

  private static int kernel(List<Integer> shape) {
    return shape.stream().skip(2).reduce(1, Math::multiplyExact);
  }

  private static void normal(float[] values, double deviation, RandomGenerator random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
  }
}
