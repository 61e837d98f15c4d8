package dev.lathe.compress.fixed;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes a network in fixed point as an ONNX model of the same numbers: scales are powers of two
 * and zero points 0, so that floating-point arithmetic between quantizations is exact as long as
 * sums stay below 2^24.
 */
final class FixedOnnxWriter {
  private final OnnxGraph graph;

  private FixedOnnxWriter(OnnxGraph graph) {
    this.graph = graph;
  }

  /** The model of a network that was planned from {@code simple}. */
  static OnnxGraph write(OnnxGraph simple, FixedNetwork network) {
    FixedOnnxWriter writer = new FixedOnnxWriter(simple.copy());
    writer.input(network.input());
    network.layers().forEach(writer::layer);
    writer.graph.removeUnused();
    return writer.graph;
  }

  private void input(FixedTensor tensor) {
    String fixed = graph.freshName(tensor.name() + "_f");
    graph.redirect(tensor.name(), fixed);
    quantized(tensor.name(), tensor.format(), fixed).forEach(graph::add);
  }

  private void layer(FixedLayer layer) {
    FixedTensor to = layer.output();
    switch (layer) {
      case FixedLayer.Products products -> {
        OnnxNode node = producer(to.name(), "Conv", "Gemm");
        List<String> inputs = new ArrayList<>(node.inputs());
        boolean turned = node.is("Gemm") && node.integer("transB", 0) == 0;
        inputs.set(1, weights(products, inputs.get(1), turned));
        inputs.set(2, bias(products, inputs.get(2)));
        replace(node.withInputs(inputs), node, to, products.least(), products.greatest());
      }
      case FixedLayer.Sum sum -> {
        OnnxNode node = producer(to.name(), "Add");
        replace(node, node, to, sum.least(), sum.greatest());
      }
      case FixedLayer.Mean mean -> {
        OnnxNode node = producer(to.name(), "GlobalAveragePool");
        replace(node, node, to, to.format().least(), to.format().greatest());
      }
      case FixedLayer.Clamped clamped -> {
        OnnxNode node = producer(to.name(), "Relu", "Clip");
        replace(node, node, to, clamped.least(), clamped.greatest());
      }
      case FixedLayer.Maximum maximum -> {}
    }
  }

  /** The node of an operator that makes a value, itself or through a clamp. */
  private OnnxNode producer(String value, String... operators) {
    OnnxNode node = graph.producer(value).orElseThrow();
    return node.isOneOf(operators) ? node : graph.producer(node.inputs().getFirst()).orElseThrow();
  }

  /** Puts a node, a clamp where its format does not clamp anyway, and a quantization in place. */
  private void replace(OnnxNode node, OnnxNode old, FixedTensor to, int least, int greatest) {
    OnnxNode last = graph.producer(to.name()).orElseThrow();
    if (!last.equals(old)) {
      graph.remove(last);
    }
    String real = graph.freshName(to.name() + "_r");
    List<OnnxNode> nodes = new ArrayList<>();
    nodes.add(node.withOutputs(List.of(real)));
    FixedFormat format = to.format();
    if (least > format.least() || greatest < format.greatest()) {
      String clamped = graph.freshName(to.name() + "_k");
      nodes.add(
          OnnxNode.of(
              "Clip",
              "",
              List.of(real, scalar(least * format.step()), scalar(greatest * format.step())),
              List.of(clamped)));
      real = clamped;
    }
    nodes.addAll(quantized(real, format, to.name()));
    graph.replace(old, nodes);
  }

  private List<OnnxNode> quantized(String from, FixedFormat format, String to) {
    boolean wide = format.width() > 8;
    ElementType type =
        wide
            ? format.signed() ? ElementType.INT16 : ElementType.UINT16
            : format.signed() ? ElementType.INT8 : ElementType.UINT8;
    if (wide) {
      graph.opset("com.microsoft", 1);
    }
    String domain = wide ? "com.microsoft" : "";
    String zero = graph.freshName("zero");
    graph.addInitializer(TensorValue.raw(zero, type, new byte[wide ? 2 : 1]));
    String scale = scalar(format.step());
    String integers = graph.freshName(to + "_q");
    return List.of(
        OnnxNode.of(domain, "QuantizeLinear", "", List.of(from, scale, zero), List.of(integers)),
        OnnxNode.of(domain, "DequantizeLinear", "", List.of(integers, scale, zero), List.of(to)));
  }

  private String weights(FixedLayer.Products layer, String name, boolean turned) {
    TensorValue before = graph.initializer(name).orElseThrow();
    byte[] bytes = new byte[layer.weights().length];
    int columns = layer.fanIn();
    for (int i = 0; i < bytes.length; i++) {
      int at = turned ? i % columns * layer.output().channels() + i / columns : i;
      bytes[at] = (byte) layer.weights()[i];
    }
    String integers = graph.freshName(name + "_q");
    graph.addInitializer(TensorValue.int8(integers, bytes, before.dims()));
    return dequantized(integers, layer.weightFormat().step(), name);
  }

  private String bias(FixedLayer.Products layer, String name) {
    String integers = graph.freshName(name + "_q");
    int[] values = Arrays.copyOf(layer.bias(), layer.bias().length);
    graph.addInitializer(TensorValue.int32(integers, values, values.length));
    double step = layer.input().format().step() * layer.weightFormat().step();
    return dequantized(integers, step, name);
  }

  private String dequantized(String integers, double step, String name) {
    String real = graph.freshName(name + "_f");
    graph.add(OnnxNode.of("DequantizeLinear", "", List.of(integers, scalar(step)), List.of(real)));
    return real;
  }

  private String scalar(double value) {
    String name = graph.freshName("c");
    graph.addInitializer(TensorValue.floats(name, new float[] {(float) value}));
    return name;
  }
}
