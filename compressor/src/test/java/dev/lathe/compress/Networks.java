package dev.lathe.compress;

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

/** Builds small networks with random weights for tests. */
public final class Networks {
  private final OnnxGraph graph;
  private final SplittableRandom random;
  private int count;

  Networks(int channels, int size, long seed) {
    graph = OnnxGraph.create("test", 17);
    random = new SplittableRandom(seed);
    graph.addInput(
        new ValueInfo(
            "input",
            ElementType.FLOAT,
            List.of(
                Dimension.of("N"),
                Dimension.of(channels),
                Dimension.of(size),
                Dimension.of(size))));
  }

  /** About 50 thousand parameters in inverted residual blocks with ReLU at 28x28. */
  public static OnnxGraph mobile(long seed) {
    Networks n = new Networks(3, 28, seed);
    String x = n.relu(n.conv("input", 3, 16, 3, 2, 1));
    int channels = 16;
    for (int[] block : new int[][] {{16, 1}, {24, 2}, {24, 1}, {40, 2}, {40, 1}, {40, 1}}) {
      int hidden = channels * 3;
      String y = n.relu(n.conv(x, channels, hidden, 1, 1, 1));
      y = n.relu(n.conv(y, hidden, hidden, 3, block[1], hidden));
      y = n.conv(y, hidden, block[0], 1, 1, 1);
      x = block[1] == 1 && channels == block[0] ? n.node("Add", x, y) : y;
      channels = block[0];
    }
    x = n.relu(n.conv(x, channels, 160, 1, 1, 1));
    return n.classify(x, 160, 10);
  }

  /** Squeeze-and-excite and hard swish, as in MobileNetV3. */
  public static OnnxGraph gated(long seed) {
    Networks n = new Networks(3, 16, seed);
    String x = n.node("HardSwish", n.conv("input", 3, 16, 3, 2, 1));
    String gate = n.node("GlobalAveragePool", x);
    gate = n.relu(n.conv(gate, 16, 8, 1, 1, 1));
    gate =
        n.node(
            List.of(Attribute.floating("alpha", 1f / 6)),
            "HardSigmoid",
            n.conv(gate, 8, 16, 1, 1, 1));
    x = n.node("Mul", x, gate);
    x = n.node("HardSwish", n.conv(x, 16, 32, 1, 1, 1));
    return n.classify(x, 32, 10);
  }

  OnnxGraph graph() {
    return graph;
  }

  String conv(String input, int in, int out, int kernel, int stride, int groups) {
    int fanIn = in / groups * kernel * kernel;
    String weight =
        constant(normal(out * fanIn, Math.sqrt(2.0 / fanIn)), out, in / groups, kernel, kernel);
    String bias = constant(normal(out, 0.1), out);
    return node(
        List.of(
            Attribute.ints("kernel_shape", kernel, kernel),
            Attribute.ints("strides", stride, stride),
            Attribute.ints("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2),
            Attribute.integer("group", groups)),
        "Conv",
        input,
        weight,
        bias);
  }

  String relu(String input) {
    return node("Relu", input);
  }

  String node(String opType, String... inputs) {
    return node(List.of(), opType, inputs);
  }

  String node(List<Attribute> attributes, String opType, String... inputs) {
    String output = "x" + count;
    graph.add(
        OnnxNode.of(
            opType,
            opType + count++,
            Arrays.asList(inputs),
            List.of(output),
            attributes.toArray(Attribute[]::new)));
    return output;
  }

  String constant(float[] values, long... dims) {
    String name = "w" + count++;
    graph.addInitializer(TensorValue.floats(name, values, dims));
    return name;
  }

  /** Pools, flattens and classifies: the finished graph. */
  OnnxGraph classify(String input, int channels, int classes) {
    String pooled = node("Flatten", node("GlobalAveragePool", input));
    String weight =
        constant(normal(classes * channels, Math.sqrt(1.0 / channels)), classes, channels);
    String bias = constant(normal(classes, 0.1), classes);
    return finish(
        node(List.of(Attribute.integer("transB", 1)), "Gemm", pooled, weight, bias), classes);
  }

  /** Makes {@code value} of shape [N, classes] the output. */
  OnnxGraph finish(String value, int... shape) {
    List<Dimension> dims = new ArrayList<>();
    dims.add(Dimension.of("N"));
    Arrays.stream(shape).forEach(size -> dims.add(Dimension.of(size)));
    graph.add(OnnxNode.of("Identity", "out", List.of(value), List.of("logits")));
    graph.addOutput(new ValueInfo("logits", ElementType.FLOAT, dims));
    // An exported network has no Identity at its end: give the last node the output's name.
    OnnxNode last = graph.producer(value).orElseThrow();
    graph.remove(graph.producer("logits").orElseThrow());
    graph.replace(last, List.of(last.withOutputs(List.of("logits"))));
    return graph;
  }

  float[] normal(int size, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return values;
  }
}
