package dev.lathe.latency;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Small networks whose latencies determine a {@link Roofline}: some are bound by computing, some by
 * memory, some by the start of their kernels. Always the same.
 */
public final class RooflineProbes {
  private static final int STARTS = 12;

  private RooflineProbes() {}

  /** A chain of convolutions with ReLU. */
  private record Chain(String name, int channels, int side, int window, int groups, int length) {}

  /** The networks, float32, each with one input [1, channels, side, side]. */
  public static List<OnnxGraph> graphs() {
    return List.of(
            new Chain("dense-small", 32, 14, 3, 1, 3),
            new Chain("dense-middle", 64, 28, 3, 1, 3),
            new Chain("dense-large", 128, 28, 3, 1, 2),
            new Chain("pointwise-small", 64, 14, 1, 1, 4),
            new Chain("pointwise-middle", 128, 28, 1, 1, 4),
            new Chain("pointwise-large", 256, 28, 1, 1, 3),
            new Chain("depthwise-small", 64, 28, 3, 64, 4),
            new Chain("depthwise-large", 128, 56, 3, 128, 4),
            new Chain("starts", 16, 2, 1, 1, STARTS),
            new Chain("starts-depthwise", 16, 4, 3, 16, STARTS))
        .stream()
        .map(RooflineProbes::graph)
        .toList();
  }

  private static OnnxGraph graph(Chain chain) {
    OnnxGraph graph = OnnxGraph.create(chain.name, 17);
    RandomGenerator random = new SplittableRandom(1);
    graph.addInput(value("input", chain));
    String from = "input";
    for (int i = 0; i < chain.length; i++) {
      String weight = "weight" + i;
      int count = chain.channels * chain.channels / chain.groups * chain.window * chain.window;
      float[] weights = new float[count];
      double scale = Math.sqrt(2.0 * chain.channels / count);
      for (int w = 0; w < count; w++) {
        weights[w] = (float) (scale * random.nextGaussian());
      }
      graph.addInitializer(
          TensorValue.floats(
              weight,
              weights,
              chain.channels,
              chain.channels / chain.groups,
              chain.window,
              chain.window));
      long pad = chain.window / 2;
      List<Attribute> attributes = new ArrayList<>();
      attributes.add(Attribute.integer("group", chain.groups));
      attributes.add(Attribute.ints("kernel_shape", chain.window, chain.window));
      attributes.add(Attribute.ints("pads", pad, pad, pad, pad));
      String product = "product" + i;
      graph.add(
          OnnxNode.of(
              "Conv",
              "conv" + i,
              List.of(from, weight),
              List.of(product),
              attributes.toArray(Attribute[]::new)));
      String to = i == chain.length - 1 ? "output" : "active" + i;
      graph.add(OnnxNode.of("Relu", "relu" + i, List.of(product), List.of(to)));
      from = to;
    }
    graph.addOutput(value("output", chain));
    return graph;
  }

  private static ValueInfo value(String name, Chain chain) {
    return new ValueInfo(
        name,
        ElementType.FLOAT,
        List.of(
            Dimension.of(1),
            Dimension.of(chain.channels),
            Dimension.of(chain.side),
            Dimension.of(chain.side)));
  }
}
