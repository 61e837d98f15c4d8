package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * MobileNetV2 (Sandler et al., arXiv:1801.04381) with fixed random weights and batch norms folded:
 * the network that compression is benchmarked on. Width 1 has 52 convolutions and 3.5 million
 * parameters.
 */
public final class MobileNetV2 {
  /** Expansion, channels, repeats, stride of each group of blocks. */
  private static final int[][] GROUPS = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private final OnnxGraph graph = OnnxGraph.create("mobilenetv2", 17);
  private final RandomGenerator random;
  private int count;

  private MobileNetV2(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * Makes the network: input "input" [N, 3, resolution, resolution], output "logits" [N, classes].
   *
   * @param width multiplier of all channels, rounded to multiples of 8
   */
  public static OnnxGraph random(double width, int resolution, int classes, long seed) {
    return new MobileNetV2(seed).build(width, resolution, classes);
  }

  private OnnxGraph build(double width, int resolution, int classes) {
    graph.addInput(
        new ValueInfo(
            "input",
            ElementType.FLOAT,
            List.of(
                Dimension.of("N"),
                Dimension.of(3),
                Dimension.of(resolution),
                Dimension.of(resolution))));
    graph.addInitializer(TensorValue.floats("zero", new float[1]));
    graph.addInitializer(TensorValue.floats("six", new float[] {6}));
    int channels = round(32 * width);
    String value = convolution("input", 3, channels, 3, 2, 1, true);
    for (int[] group : GROUPS) {
      int out = round(group[1] * width);
      for (int block = 0; block < group[2]; block++) {
        value = block(value, channels, out, group[0], block == 0 ? group[3] : 1);
        channels = out;
      }
    }
    int last = width > 1 ? round(1280 * width) : 1280;
    value = convolution(value, channels, last, 1, 1, 1, true);
    graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of(value), List.of("pooled")));
    graph.add(OnnxNode.of("Flatten", "flatten", List.of("pooled"), List.of("features")));
    graph.addInitializer(
        TensorValue.floats("head_w", normal(classes * last, Math.sqrt(1.0 / last)), classes, last));
    graph.addInitializer(TensorValue.floats("head_b", normal(classes, 0.1), classes));
    graph.add(
        OnnxNode.of(
            "Gemm",
            "head",
            List.of("features", "head_w", "head_b"),
            List.of("logits"),
            Attribute.integer("transB", 1)));
    graph.addOutput(
        new ValueInfo(
            "logits", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(classes))));
    return graph;
  }

  private String block(String input, int in, int out, int expansion, int stride) {
    String value = input;
    int hidden = in * expansion;
    if (expansion != 1) {
      value = convolution(value, in, hidden, 1, 1, 1, true);
    }
    value = convolution(value, hidden, hidden, 3, stride, hidden, true);
    value = convolution(value, hidden, out, 1, 1, 1, false);
    if (stride == 1 && in == out) {
      String sum = "sum" + count;
      graph.add(OnnxNode.of("Add", "add" + count, List.of(input, value), List.of(sum)));
      value = sum;
    }
    return value;
  }

  private String convolution(
      String input, int in, int out, int kernel, int stride, int groups, boolean clipped) {
    int number = count++;
    int fanIn = in / groups * kernel * kernel;
    graph.addInitializer(
        TensorValue.floats(
            "w" + number,
            normal(out * fanIn, Math.sqrt((clipped ? 2.0 : 1.0) / fanIn)),
            out,
            in / groups,
            kernel,
            kernel));
    graph.addInitializer(TensorValue.floats("b" + number, normal(out, 0.1), out));
    long pad = kernel / 2;
    graph.add(
        OnnxNode.of(
            "Conv",
            "conv" + number,
            List.of(input, "w" + number, "b" + number),
            List.of("c" + number),
            Attribute.ints("kernel_shape", kernel, kernel),
            Attribute.ints("strides", stride, stride),
            Attribute.ints("pads", pad, pad, pad, pad),
            Attribute.integer("group", groups)));
    if (!clipped) {
      return "c" + number;
    }
    graph.add(
        OnnxNode.of(
            "Clip", "clip" + number, List.of("c" + number, "zero", "six"), List.of("r" + number)));
    return "r" + number;
  }

  private float[] normal(int size, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }

  private static int round(double channels) {
    int rounded = Math.max(8, (int) (channels + 4) / 8 * 8);
    return rounded < 0.9 * channels ? rounded + 8 : rounded;
  }

  /** Inputs of Gaussian noise of the shape that the network takes. */
  public static SingleInput noise(int resolution, int images, long seed) {
    int size = 3 * resolution * resolution;
    return new SingleInput() {
      @Override
      public int images() {
        return images;
      }

      @Override
      public float[] batch(int from, int to) {
        float[] values = new float[Math.multiplyExact(to - from, size)];
        for (int image = from; image < to; image++) {
          SplittableRandom noise = new SplittableRandom(seed * 1_000_003 + image);
          int start = (image - from) * size;
          for (int i = 0; i < size; i++) {
            values[start + i] = (float) noise.nextGaussian();
          }
        }
        return values;
      }

      @Override
      public long[] shape(int n) {
        return new long[] {n, 3, resolution, resolution};
      }
    };
  }
}
