package dev.lathe.bench;

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
 * Untrained networks large enough to have something to compress: input "input" [N, 3, side, side],
 * output "logits" [N, classes]. Weights are drawn by He et al. (arXiv 1502.01852).
 */
final class TrainableNetworks {
  private static final int[] WIDTHS = {32, 96, 256, 512};

  private final OnnxGraph graph;
  private final RandomGenerator random;
  private int count;

  private TrainableNetworks(String name, int side, int classes, long seed) {
    graph = OnnxGraph.create(name, 17);
    random = new SplittableRandom(seed);
    graph.addInput(
        value("input", Dimension.of("N"), Dimension.of(3), Dimension.of(side), Dimension.of(side)));
    graph.addOutput(value("logits", Dimension.of("N"), Dimension.of(classes)));
  }

  private static ValueInfo value(String name, Dimension... shape) {
    return new ValueInfo(name, ElementType.FLOAT, List.of(shape));
  }

  /**
   * A residual network of basic blocks (arXiv 1512.03385) without norms: stem of stride 2, stages
   * of 32, 96, 256 and 512 channels, the last of two blocks; residual branches start small in their
   * place (arXiv 1901.09321). 9.4 million weights.
   */
  static OnnxGraph residual(int side, int classes, long seed) {
    TrainableNetworks net = new TrainableNetworks("residual", side, classes, seed);
    String at = net.relu(net.conv("input", 3, WIDTHS[0], 3, 2, 1));
    int channels = WIDTHS[0];
    for (int stage = 0; stage < WIDTHS.length; stage++) {
      at = net.block(at, channels, WIDTHS[stage], stage == 0 ? 1 : 2);
      channels = WIDTHS[stage];
    }
    at = net.block(at, channels, channels, 1);
    net.graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of(at), List.of("pooled")));
    net.graph.add(OnnxNode.of("Flatten", "flatten", List.of("pooled"), List.of("features")));
    net.dense("features", channels, classes, "logits");
    return net.graph;
  }

  /** Two hidden layers of 1024 units: matrices to factorize. */
  static OnnxGraph perceptron(int side, int classes, long seed) {
    int hidden = 1024;
    TrainableNetworks net = new TrainableNetworks("perceptron", side, classes, seed);
    net.graph.add(OnnxNode.of("Flatten", "flatten", List.of("input"), List.of("pixels")));
    net.dense("pixels", 3 * side * side, hidden, "h1");
    net.dense(net.relu("h1"), hidden, hidden, "h2");
    net.dense(net.relu("h2"), hidden, classes, "logits");
    return net.graph;
  }

  private String block(String input, int in, int out, int stride) {
    String first = relu(conv(input, in, out, 3, stride, 1));
    String second = conv(first, out, out, 3, 1, 0.1);
    String shortcut = stride == 1 && in == out ? input : conv(input, in, out, 1, stride, 0.7);
    String sum = "sum" + count++;
    graph.add(OnnxNode.of("Add", sum, List.of(second, shortcut), List.of(sum)));
    return relu(sum);
  }

  private String conv(String input, int in, int out, int kernel, int stride, double gain) {
    String name = "conv" + count++;
    weights(name + "_w", gain, in * kernel * kernel, out, in, kernel, kernel);
    graph.addInitializer(TensorValue.floats(name + "_b", new float[out], out));
    long pad = kernel / 2;
    graph.add(
        OnnxNode.of(
            "Conv",
            name,
            List.of(input, name + "_w", name + "_b"),
            List.of(name),
            Attribute.ints("kernel_shape", kernel, kernel),
            Attribute.ints("strides", stride, stride),
            Attribute.ints("pads", pad, pad, pad, pad)));
    return name;
  }

  private String relu(String input) {
    String name = "relu" + count++;
    graph.add(OnnxNode.of("Relu", name, List.of(input), List.of(name)));
    return name;
  }

  private void dense(String input, int in, int out, String output) {
    String name = "dense" + count++;
    weights(name + "_w", 0.7, in, out, in);
    graph.addInitializer(TensorValue.floats(name + "_b", new float[out], out));
    List<String> inputs = new ArrayList<>(List.of(input, name + "_w", name + "_b"));
    graph.add(OnnxNode.of("Gemm", name, inputs, List.of(output), Attribute.integer("transB", 1)));
  }

  private void weights(String name, double gain, int fanIn, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size = Math.multiplyExact(size, (int) dim);
    }
    float[] values = new float[size];
    double scale = gain * Math.sqrt(2.0 / fanIn);
    for (int i = 0; i < size; i++) {
      values[i] = (float) (random.nextGaussian() * scale);
    }
    graph.addInitializer(TensorValue.floats(name, values, dims));
  }
}
