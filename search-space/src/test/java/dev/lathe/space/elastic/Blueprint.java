package dev.lathe.space.elastic;

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

/** Writes networks with random weights, as exporters do, one node after the other. */
final class Blueprint {
  private final OnnxGraph graph;
  private final SplittableRandom random;
  private int nodes;

  Blueprint(int opset, long seed) {
    graph = OnnxGraph.create("blueprint", opset);
    random = new SplittableRandom(seed);
  }

  String input(String name, Object... dims) {
    List<Dimension> shape = new ArrayList<>();
    for (Object dim : dims) {
      shape.add(
          dim instanceof String symbol
              ? new Dimension.Symbolic(symbol)
              : new Dimension.Fixed((Integer) dim));
    }
    graph.addInput(new ValueInfo(name, ElementType.FLOAT, shape));
    return name;
  }

  OnnxGraph output(String... values) {
    for (String value : values) {
      graph.addOutput(ValueInfo.unranked(value, ElementType.FLOAT));
    }
    return graph;
  }

  OnnxGraph graph() {
    return graph;
  }

  String node(String op, List<String> inputs, Attribute... attributes) {
    return nodes(op, inputs, 1, attributes).getFirst();
  }

  List<String> nodes(String op, List<String> inputs, int outputs, Attribute... attributes) {
    String name = op.toLowerCase() + "_" + nodes++;
    List<String> made = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      made.add(outputs == 1 ? name + ".out" : name + ".out" + i);
    }
    graph.add(OnnxNode.of(op, name, inputs, made, attributes));
    return made;
  }

  String weight(double scale, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return graph.addConstant(TensorValue.floats("w", values, dims));
  }

  String positive(long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(0.5, 1.5);
    }
    return graph.addConstant(TensorValue.floats("p", values, dims));
  }

  String ints(long... values) {
    return graph.addConstant(TensorValue.int64("i", values, values.length));
  }

  String scalar(float value) {
    return graph.addConstant(TensorValue.floats("s", new float[] {value}));
  }

  String conv(String x, int in, int out, int kernel, int stride, int groups) {
    String weight =
        weight(
            1 / Math.sqrt((double) in / groups * kernel * kernel),
            out,
            in / groups,
            kernel,
            kernel);
    return node(
        "Conv",
        List.of(x, weight, weight(0.1, out)),
        Attribute.ints("kernel_shape", kernel, kernel),
        Attribute.ints("strides", stride, stride),
        Attribute.ints("pads", kernel / 2, kernel / 2, kernel / 2, kernel / 2),
        Attribute.integer("group", groups));
  }

  String norm(String x, int channels) {
    return node(
        "BatchNormalization",
        List.of(
            x,
            positive(channels),
            weight(0.1, channels),
            weight(0.1, channels),
            positive(channels)));
  }

  String relu(String x) {
    return node("Relu", List.of(x));
  }

  String add(String a, String b) {
    return node("Add", List.of(a, b));
  }

  String mul(String a, String b) {
    return node("Mul", List.of(a, b));
  }

  String linear(String x, int in, int out) {
    return add(node("MatMul", List.of(x, weight(1 / Math.sqrt(in), in, out))), weight(0.1, out));
  }

  String gemm(String x, int in, int out) {
    return node(
        "Gemm",
        List.of(x, weight(1 / Math.sqrt(in), out, in), weight(0.1, out)),
        Attribute.integer("transB", 1));
  }

  String layerNorm(String x, int channels) {
    return node("LayerNormalization", List.of(x, positive(channels), weight(0.1, channels)));
  }

  String reshape(String x, long... shape) {
    return node("Reshape", List.of(x, ints(shape)));
  }

  String transpose(String x, long... order) {
    return node("Transpose", List.of(x), Attribute.ints("perm", order));
  }

  String head(String x, int channels, int classes) {
    String pooled = node("GlobalAveragePool", List.of(x));
    return gemm(node("Flatten", List.of(pooled)), channels, classes);
  }
}
