package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves the larger constants of nested graphs (of If, Loop and Scan) out into the model's own
 * graph, which they can see: there they are compressed as others are.
 */
public final class NestedConstants {
  private static final long LEAST_ELEMENTS = 256;

  private final Map<String, Integer> definitions = new HashMap<>();
  private final List<TensorValue> moved = new ArrayList<>();

  private NestedConstants() {}

  /**
   * Moves constants in place; those whose name means something else elsewhere stay.
   *
   * @return how many were moved
   */
  public static int hoist(OnnxGraph graph) {
    NestedConstants constants = new NestedConstants();
    graph.initializers().forEach(tensor -> constants.defined(tensor.name()));
    graph.inputs().forEach(input -> constants.defined(input.name()));
    for (OnnxNode node : graph.nodes()) {
      node.outputs().forEach(constants::defined);
      constants.count(node.proto());
    }
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (node.hasSubgraphs()) {
        NodeProto without = constants.without(node.proto());
        if (!without.equals(node.proto())) {
          graph.replace(node, List.of(new OnnxNode(without)));
        }
      }
    }
    constants.moved.forEach(graph::addInitializer);
    return constants.moved.size();
  }

  private void defined(String name) {
    definitions.merge(name, 1, Integer::sum);
  }

  private void count(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        count(attribute.getG());
      }
      attribute.getGraphsList().forEach(this::count);
    }
  }

  private void count(GraphProto graph) {
    graph.getInitializerList().forEach(tensor -> defined(tensor.getName()));
    graph.getInputList().forEach(info -> defined(info.getName()));
    for (NodeProto node : graph.getNodeList()) {
      node.getOutputList().forEach(this::defined);
      count(node);
    }
  }

  private NodeProto without(NodeProto node) {
    NodeProto.Builder builder = node.toBuilder();
    for (AttributeProto.Builder attribute : builder.getAttributeBuilderList()) {
      if (attribute.hasG()) {
        attribute.setG(without(attribute.getG()));
      }
      for (int i = 0; i < attribute.getGraphsCount(); i++) {
        attribute.setGraphs(i, without(attribute.getGraphs(i)));
      }
    }
    return builder.build();
  }

  private GraphProto without(GraphProto graph) {
    GraphProto.Builder builder = graph.toBuilder().clearInitializer().clearNode();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (!taken(graph, tensor, tensor.getName())) {
        builder.addInitializer(tensor);
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      AttributeProto value = value(node);
      if (value == null || !taken(graph, value.getT(), node.getOutput(0))) {
        builder.addNode(without(node));
      }
    }
    return builder.build();
  }

  private static @org.jspecify.annotations.Nullable AttributeProto value(NodeProto node) {
    return node.getOpType().equals("Constant")
            && node.getAttributeCount() == 1
            && node.getAttribute(0).hasT()
        ? node.getAttribute(0)
        : null;
  }

  private boolean taken(GraphProto graph, TensorProto proto, String name) {
    boolean given =
        graph.getOutputList().stream().anyMatch(output -> output.getName().equals(name))
            || graph.getInputList().stream().anyMatch(input -> input.getName().equals(name));
    if (given || definitions.getOrDefault(name, 0) != 1) {
      return false;
    }
    TensorValue tensor = TensorValue.of(proto);
    if (!tensor.type().isFloating() || tensor.elements() < LEAST_ELEMENTS) {
      return false;
    }
    moved.add(tensor.named(name));
    return true;
  }
}
