package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The inverted residual block: expand by a 1×1 convolution, filter depthwise, project by a linear
 * 1×1 convolution; a shortcut where shapes agree (Sandler et al., MobileNetV2, arXiv 1801.04381).
 *
 * @param name prefix of its weights and nodes
 * @param width output channels
 * @param expansion hidden channels ÷ input channels; at 1 the expanding convolution is left out
 * @param kernel side of the depthwise kernel
 */
record InvertedResidual(
    String name,
    int width,
    int expansion,
    int kernel,
    int stride,
    boolean squeezeExcite,
    Activation activation) {

  /** Batch norm's guard against division by zero. */
  static final double EPSILON = 1e-5;

  /** Appends the block, using the leading channels and the centre of the kernels of the store. */
  String append(NetworkGraph.Builder graph, String input, int storedKernel) {
    int in = graph.shape(input).channels();
    int hidden = in * expansion;
    String x = input;
    if (expansion > 1) {
      x = pointwise(graph, name + ".expand", x, hidden, Optional.of(activation));
    }
    Window centre = Window.centre(storedKernel, kernel);
    Slice depthwise =
        new Slice(
            name + ".depthwise.weight",
            List.of(new Window(0, hidden), new Window(0, 1), centre, centre));
    x =
        graph.add(
            name + ".depthwise",
            new Operator.Conv2d(depthwise, Optional.empty(), stride, kernel / 2, hidden),
            x);
    x = normalized(graph, name + ".depthwise", x, Optional.of(activation));
    if (squeezeExcite) {
      x = gate(graph, x, hidden);
    }
    x = pointwise(graph, name + ".project", x, width, Optional.empty());
    return stride == 1 && in == width ? graph.add(name + ".add", new Operator.Add(), input, x) : x;
  }

  private String gate(NetworkGraph.Builder graph, String input, int hidden) {
    int squeezed = squeezed(hidden);
    String pooled = graph.add(name + ".se.pool", new Operator.GlobalAveragePool(), input);
    String y = biased(graph, name + ".se.reduce", pooled, squeezed);
    y = graph.add(name + ".se.relu", new Operator.Activate(Activation.RELU), y);
    y = biased(graph, name + ".se.expand", y, hidden);
    y = graph.add(name + ".se.gate", new Operator.Activate(Activation.HARD_SIGMOID), y);
    return graph.add(name + ".se.scale", new Operator.Multiply(), input, y);
  }

  private static String biased(NetworkGraph.Builder graph, String name, String x, int out) {
    Slice weight = Slice.leading(name + ".weight", out, graph.shape(x).channels(), 1, 1);
    Slice bias = Slice.leading(name + ".bias", out);
    return graph.add(name, new Operator.Conv2d(weight, Optional.of(bias), 1, 0, 1), x);
  }

  /** A quarter of the hidden channels, as in MobileNetV3, in steps of 8. */
  static int squeezed(int hidden) {
    return Math.max(8, (hidden / 4 + 4) / 8 * 8);
  }

  /** A 1×1 convolution with batch norm. */
  static String pointwise(
      NetworkGraph.Builder graph, String name, String x, int out, Optional<Activation> activation) {
    Slice weight = Slice.leading(name + ".weight", out, graph.shape(x).channels(), 1, 1);
    String y = graph.add(name, new Operator.Conv2d(weight, Optional.empty(), 1, 0, 1), x);
    return normalized(graph, name, y, activation);
  }

  /** Batch norm and activation behind a convolution. */
  static String normalized(
      NetworkGraph.Builder graph, String name, String x, Optional<Activation> activation) {
    int channels = graph.shape(x).channels();
    String y =
        graph.add(
            name + ".norm",
            new Operator.BatchNorm(
                Slice.leading(name + ".norm.scale", channels),
                Slice.leading(name + ".norm.shift", channels),
                EPSILON),
            x);
    return activation.isEmpty()
        ? y
        : graph.add(name + ".act", new Operator.Activate(activation.get()), y);
  }

  /**
   * The full-size tensors of a block that may be chosen freely up to the given extents.
   *
   * @param in most input channels
   * @param hidden most hidden channels
   * @param expands whether any choice has an expanding convolution
   */
  static void declare(
      Map<String, List<Integer>> tensors,
      String name,
      int in,
      int hidden,
      int width,
      int kernel,
      boolean expands,
      boolean squeezes) {
    if (expands) {
      tensors.put(name + ".expand.weight", List.of(hidden, in, 1, 1));
      declareNorm(tensors, name + ".expand", hidden);
    }
    tensors.put(name + ".depthwise.weight", List.of(hidden, 1, kernel, kernel));
    declareNorm(tensors, name + ".depthwise", hidden);
    if (squeezes) {
      tensors.put(name + ".se.reduce.weight", List.of(squeezed(hidden), hidden, 1, 1));
      tensors.put(name + ".se.reduce.bias", List.of(squeezed(hidden)));
      tensors.put(name + ".se.expand.weight", List.of(hidden, squeezed(hidden), 1, 1));
      tensors.put(name + ".se.expand.bias", List.of(hidden));
    }
    tensors.put(name + ".project.weight", List.of(width, hidden, 1, 1));
    declareNorm(tensors, name + ".project", width);
  }

  static void declareNorm(Map<String, List<Integer>> tensors, String name, int channels) {
    tensors.put(name + ".norm.scale", List.of(channels));
    tensors.put(name + ".norm.shift", List.of(channels));
  }
}
