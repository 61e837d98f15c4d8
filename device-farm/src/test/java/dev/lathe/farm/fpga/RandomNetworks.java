package dev.lathe.farm.fpga;

import dev.lathe.compress.fixed.FixedNetwork;
import dev.lathe.compress.fixed.FixedPoint;
import dev.lathe.compress.fixed.FixedSettings;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Small convolutional networks drawn at random: windows, strides, dilations, paddings and groups of
 * all kinds, residual sums, clamps, pooling, a matrix product at the end.
 */
final class RandomNetworks {
  private final SplittableRandom random;
  private final OnnxGraph graph = OnnxGraph.create("random", 17);
  private int names;
  private String last = "input";
  private int channels;
  private int height;
  private int width;

  private RandomNetworks(long seed) {
    random = new SplittableRandom(seed);
    channels = 1 + random.nextInt(4);
    height = 5 + random.nextInt(9);
    width = 5 + random.nextInt(9);
  }

  /** A network in floating point. */
  static OnnxGraph graph(long seed) {
    return new RandomNetworks(seed).build();
  }

  /** Its fixed-point form, in 3 to 8 bits. */
  static FixedPoint fixed(long seed, int hot) {
    OnnxGraph graph = graph(seed);
    return FixedPoint.of(
        graph,
        new NoiseImages(graph, 2, seed),
        new FixedSettings(8, 3 + new SplittableRandom(seed).nextInt(6), hot, 2));
  }

  /** Integers for a network's input. */
  static int[] input(FixedNetwork network, long seed) {
    SplittableRandom draw = new SplittableRandom(seed);
    int[] input = new int[network.input().size()];
    for (int i = 0; i < input.length; i++) {
      input[i] = network.input().format().quantize(draw.nextGaussian());
    }
    return input;
  }

  private OnnxGraph build() {
    graph.addInput(value("input", 1, channels, height, width));
    int layers = 2 + random.nextInt(4);
    for (int i = 0; i < layers; i++) {
      switch (random.nextInt(5)) {
        case 0 -> residual();
        case 1 -> {
          if (height > 3 && width > 3) {
            pool();
          } else {
            conv(true);
          }
        }
        default -> conv(true);
      }
    }
    String pooled = name();
    node("GlobalAveragePool", pooled, List.of(last));
    String flat = name();
    node("Flatten", flat, List.of(pooled));
    int classes = 2 + random.nextInt(9);
    weights("head.w", classes, channels);
    weights("head.b", classes);
    node("Gemm", "output", List.of(flat, "head.w", "head.b"), Attribute.integer("transB", 1));
    graph.addOutput(value("output", 1, classes));
    return graph;
  }

  private void conv(boolean mayShrink) {
    int kernel = 1 + random.nextInt(3);
    int dilation = kernel > 1 && random.nextInt(4) == 0 ? 2 : 1;
    int reach = (kernel - 1) * dilation + 1;
    int pad = mayShrink ? random.nextInt(reach) : reach / 2;
    if (!mayShrink && reach % 2 == 0) {
      kernel = 1;
      dilation = 1;
      reach = 1;
      pad = 0;
    }
    int stride = mayShrink ? 1 + random.nextInt(2) : 1;
    if (height + 2 * pad < reach || width + 2 * pad < reach) {
      kernel = 1;
      dilation = 1;
      reach = 1;
      pad = 0;
      stride = 1;
    }
    List<Integer> divisors = new ArrayList<>();
    for (int g = 1; g <= channels; g++) {
      if (channels % g == 0) {
        divisors.add(g);
      }
    }
    int groups = divisors.get(random.nextInt(divisors.size()));
    int out = mayShrink ? groups * (1 + random.nextInt(6)) : channels;
    String made = name();
    weights(made + ".w", out, channels / groups, kernel, kernel);
    weights(made + ".b", out);
    node(
        "Conv",
        made,
        List.of(last, made + ".w", made + ".b"),
        Attribute.integer("group", groups),
        Attribute.ints("kernel_shape", kernel, kernel),
        Attribute.ints("strides", stride, stride),
        Attribute.ints("dilations", dilation, dilation),
        Attribute.ints("pads", pad, pad, pad, pad));
    channels = out;
    height = (height + 2 * pad - reach) / stride + 1;
    width = (width + 2 * pad - reach) / stride + 1;
    last = made;
    switch (random.nextInt(3)) {
      case 0 -> {
        last = name();
        node("Relu", last, List.of(made));
      }
      case 1 -> {
        last = name();
        graph.addInitializer(TensorValue.floats(last + ".lo", new float[] {0}));
        graph.addInitializer(TensorValue.floats(last + ".hi", new float[] {1.5f}));
        node("Clip", last, List.of(made, last + ".lo", last + ".hi"));
      }
      default -> {}
    }
  }

  private void residual() {
    String before = last;
    conv(false);
    String sum = name();
    node("Add", sum, List.of(before, last));
    last = sum;
  }

  private void pool() {
    String made = name();
    node(
        "MaxPool",
        made,
        List.of(last),
        Attribute.ints("kernel_shape", 3, 3),
        Attribute.ints("strides", 2, 2),
        Attribute.ints("pads", 1, 1, 1, 1));
    height = (height - 1) / 2 + 1;
    width = (width - 1) / 2 + 1;
    last = made;
  }

  private String name() {
    return "v" + names++;
  }

  private void node(String type, String output, List<String> inputs, Attribute... attributes) {
    graph.add(OnnxNode.of(type, output, inputs, List.of(output), attributes));
  }

  private void weights(String name, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    double spread = Math.exp(random.nextDouble(-3, 0));
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian(0, spread);
    }
    graph.addInitializer(TensorValue.floats(name, values, dims));
  }

  private static ValueInfo value(String name, long... dims) {
    return new ValueInfo(
        name, ElementType.FLOAT, Arrays.stream(dims).mapToObj(Dimension::of).toList());
  }
}
