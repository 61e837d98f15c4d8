package dev.lathe.latency;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which nodes of a graph with QuantizeLinear / DequantizeLinear pairs ONNX Runtime computes on
 * integers: those that stand between dequantised inputs and a quantised output, and have an integer
 * kernel. Between a convolution and its QuantizeLinear a Relu or Clip may stand.
 */
final class IntegerGroups {
  private static final String[] ARITHMETIC = {
    "Conv",
    "Add",
    "Mul",
    "GlobalAveragePool",
    "AveragePool",
    "MatMul",
    "Gemm",
    "Sigmoid",
    "LeakyRelu",
    "Softmax",
    "Concat",
    "Where"
  };
  private static final String[] COPIES = {
    "Reshape",
    "Flatten",
    "Transpose",
    "MaxPool",
    "Squeeze",
    "Unsqueeze",
    "Slice",
    "Gather",
    "Resize"
  };

  private final OnnxGraph graph;
  private final Map<String, Integer> groupOf = new HashMap<>();
  private int groups;

  IntegerGroups(OnnxGraph graph) {
    this.graph = graph;
    for (OnnxNode node : graph.nodes()) {
      if (node.isOneOf(ARITHMETIC) || node.isOneOf(COPIES)) {
        tryGroup(node);
      }
    }
  }

  /** Whether a node is part of an integer kernel, its QuantizeLinear included. */
  boolean contains(OnnxNode node) {
    return !node.outputs().isEmpty() && groupOf.containsKey(node.output());
  }

  /** Whether two nodes are part of one integer kernel. */
  boolean together(OnnxNode left, OnnxNode right) {
    return contains(left)
        && contains(right)
        && groupOf.get(left.output()).equals(groupOf.get(right.output()));
  }

  private void tryGroup(OnnxNode node) {
    if (!inputsAreDequantized(node)) {
      return;
    }
    OnnxNode last = node;
    if (node.is("Conv")) {
      Optional<OnnxNode> activation = soleConsumer(node).filter(n -> n.isOneOf("Relu", "Clip"));
      last = activation.orElse(node);
    }
    List<OnnxNode> consumers = graph.consumers(last.output());
    boolean quantized =
        !consumers.isEmpty()
            && !graph.isOutput(last.output())
            && consumers.stream().allMatch(n -> n.is("QuantizeLinear"));
    boolean floatOutputAllowed = node.isOneOf("MatMul", "Gemm");
    if (!quantized && !floatOutputAllowed) {
      return;
    }
    int group = groups++;
    groupOf.put(node.output(), group);
    if (quantized) {
      groupOf.put(last.output(), group);
      consumers.forEach(n -> groupOf.put(n.output(), group));
    }
  }

  private boolean inputsAreDequantized(OnnxNode node) {
    int data = node.isOneOf("Conv", "Gemm") ? 2 : node.isOneOf(COPIES) ? 1 : node.inputs().size();
    for (int i = 0; i < data; i++) {
      Optional<OnnxNode> producer = node.input(i).flatMap(graph::producer);
      if (producer.isEmpty() || !producer.get().is("DequantizeLinear")) {
        return false;
      }
    }
    return data > 0;
  }

  private Optional<OnnxNode> soleConsumer(OnnxNode node) {
    List<OnnxNode> consumers = graph.consumers(node.output());
    return consumers.size() == 1 && !graph.isOutput(node.output())
        ? Optional.of(consumers.getFirst())
        : Optional.empty();
  }
}
