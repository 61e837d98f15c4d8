package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Writes each Gemm with constant weights as a plain product: alpha and beta go into weights and
 * bias, a transposed left operand becomes a Transpose, a bias of another shape becomes one number
 * an output.
 */
final class PlainProducts {
  private final OnnxGraph graph;

  private PlainProducts(OnnxGraph graph) {
    this.graph = graph;
  }

  /** Changes a graph in place; what it computes stays the same. */
  static void apply(OnnxGraph graph) {
    PlainProducts products = new PlainProducts(graph);
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (node.is("Gemm")) {
        products.plain(node);
      }
    }
  }

  private void plain(OnnxNode node) {
    Optional<TensorValue> weight =
        graph.initializer(node.inputs().get(1)).filter(w -> w.type() == ElementType.FLOAT);
    Optional<TensorValue> bias = node.input(2).flatMap(graph::initializer);
    if (weight.isEmpty()
        || weight.get().rank() != 2
        || node.input(2).isPresent() && bias.isEmpty()) {
      return;
    }
    int outputs = (int) weight.get().dim(node.integer("transB", 0) != 0 ? 0 : 1);
    float alpha = node.floating("alpha", 1);
    float beta = node.floating("beta", 1);
    boolean spreadable = bias.isEmpty() || spreads(bias.get(), outputs);
    boolean owned = alpha == 1 || graph.consumers(weight.get().name()).size() == 1;
    if (!spreadable || !owned) {
      return;
    }
    List<OnnxNode> nodes = new ArrayList<>();
    List<String> inputs = new ArrayList<>(node.inputs());
    if (node.integer("transA", 0) != 0) {
      String turned = graph.freshName(node.output() + "_t");
      nodes.add(
          OnnxNode.of(
              "Transpose",
              "",
              List.of(inputs.getFirst()),
              List.of(turned),
              Attribute.ints("perm", 1, 0)));
      inputs.set(0, turned);
    }
    if (alpha != 1) {
      inputs.set(1, scaled(weight.get(), weight.get().floats(), alpha, weight.get().dims()));
    }
    if (bias.isPresent() && (beta != 1 || bias.get().rank() != 1 || bias.get().dim(0) != outputs)) {
      inputs.set(2, scaled(bias.get(), spread(bias.get(), outputs), beta, outputs));
    }
    OnnxNode plain = node.withInputs(inputs).without("alpha").without("beta").without("transA");
    if (!plain.equals(node)) {
      nodes.add(plain);
      graph.replace(node, nodes);
    }
  }

  private String scaled(TensorValue tensor, float[] values, float factor, long... dims) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return graph.addConstant(TensorValue.floats(tensor.name(), values, dims));
  }

  /** Whether a bias is the same for all rows. */
  private static boolean spreads(TensorValue bias, int outputs) {
    long last = bias.rank() == 0 ? 1 : bias.dim(bias.rank() - 1);
    return bias.type() == ElementType.FLOAT
        && bias.elements() == last
        && (last == 1 || last == outputs);
  }

  private static float[] spread(TensorValue bias, int outputs) {
    float[] values = bias.floats();
    if (values.length == outputs) {
      return values;
    }
    float[] all = new float[outputs];
    Arrays.fill(all, values[0]);
    return all;
  }
}
