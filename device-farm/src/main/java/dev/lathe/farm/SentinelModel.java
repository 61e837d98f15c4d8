package dev.lathe.farm;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The fixed small network that is measured before and after every job. It never changes, so a
 * change of its latency is a change of the machine. Its shape is that of the networks that are
 * measured: a strided convolution, then an inverted residual block, pooling, and a classifier. A
 * job that measures it is a health check.
 */
public final class SentinelModel {
  private final OnnxGraph graph = OnnxGraph.create("sentinel", 17);
  private final SplittableRandom random = new SplittableRandom(1);

  private SentinelModel() {}

  /** The bytes of the ONNX file, always the same. Input float32 [1, 3, 32, 32]. */
  public static byte[] bytes() {
    return new SentinelModel().build();
  }

  private byte[] build() {
    graph.addInput(value("input", 1, 3, 32, 32));
    graph.addOutput(value("output", 1, 10));
    conv("input", "stem", 16, 3, 3, 2, 1);
    conv("stem", "expand", 64, 16, 1, 1, 1);
    conv("expand", "depthwise", 64, 1, 3, 1, 64);
    conv("depthwise", "project", 32, 64, 1, 1, 1);
    node("GlobalAveragePool", "pool", List.of("project"));
    node("Flatten", "flat", List.of("pool"));
    weights("gemm.w", 10, 32);
    node("Gemm", "output", List.of("flat", "gemm.w"), Attribute.integer("transB", 1));
    return graph.toBytes();
  }

  private void conv(
      String from, String name, int out, int inPerGroup, int kernel, int stride, int groups) {
    weights(name + ".w", out, inPerGroup, kernel, kernel);
    int pad = kernel / 2;
    node(
        "Conv",
        name + ".c",
        List.of(from, name + ".w"),
        Attribute.integer("group", groups),
        Attribute.ints("kernel_shape", kernel, kernel),
        Attribute.ints("strides", stride, stride),
        Attribute.ints("pads", pad, pad, pad, pad));
    node("Relu", name, List.of(name + ".c"));
  }

  private void node(String type, String output, List<String> inputs, Attribute... attributes) {
    graph.add(OnnxNode.of(type, output, inputs, List.of(output), attributes));
  }

  private void weights(String name, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian(0, 0.1);
    }
    graph.addInitializer(TensorValue.floats(name, values, dims));
  }

  private static ValueInfo value(String name, long... dims) {
    return new ValueInfo(
        name, ElementType.FLOAT, Arrays.stream(dims).mapToObj(Dimension::of).toList());
  }
}
