package dev.lathe.compress.policy;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The form that a recipe gave to one layer: the nodes and weights that took the layer's place. It
 * can be put into another copy of the graph, whatever became of the layers around it.
 *
 * @param nodes in order; the last makes the layer's result
 * @param weights constants that only these nodes need
 * @param input the value of the graph that they take
 * @param result the value that they make
 */
record Splice(List<OnnxNode> nodes, List<TensorValue> weights, String input, String result) {
  Splice {
    nodes = List.copyOf(nodes);
    weights = List.copyOf(weights);
  }

  /**
   * The form of a layer.
   *
   * @param base the graph before the recipe
   * @param layer a node of it, with constant weights
   * @param changed the graph after the recipe, in which the layer's result has its name still
   */
  static Splice of(OnnxGraph base, OnnxNode layer, OnnxGraph changed) {
    Set<String> outside = new HashSet<>();
    base.inputs().forEach(input -> outside.add(input.name()));
    base.nodes().forEach(node -> outside.addAll(node.outputs()));
    outside.remove(layer.output());
    Set<String> wanted = new HashSet<>(Set.of(layer.output()));
    List<OnnxNode> nodes = new ArrayList<>();
    List<TensorValue> weights = new ArrayList<>();
    for (OnnxNode node : changed.nodes().reversed()) {
      if (node.outputs().stream().noneMatch(wanted::contains)) {
        continue;
      }
      nodes.addFirst(node);
      for (String value : node.inputs()) {
        if (!outside.contains(value) && wanted.add(value)) {
          changed.initializer(value).ifPresent(weights::add);
        }
      }
    }
    return new Splice(nodes, weights, layer.inputs().getFirst(), layer.output());
  }

  /** Whether the recipe left the layer as it was. */
  boolean isUnchanged(OnnxGraph base) {
    return nodes.size() == 1
        && weights.stream()
            .allMatch(
                tensor ->
                    base.initializer(tensor.name())
                        .filter(
                            old -> java.util.Arrays.equals(old.toByteArray(), tensor.toByteArray()))
                        .isPresent());
  }

  /** Puts this form in the place of a node, which takes and makes one value each. */
  void replace(OnnxGraph graph, OnnxNode node) {
    Map<String, String> names = new HashMap<>();
    names.put("", "");
    names.put(input, node.inputs().getFirst());
    names.put(result, node.output());
    for (TensorValue tensor : weights) {
      String name = graph.freshName(tensor.name());
      names.put(tensor.name(), name);
      graph.addInitializer(tensor.named(name));
    }
    List<OnnxNode> placed = new ArrayList<>();
    for (OnnxNode part : nodes) {
      for (String value : part.outputs()) {
        names.computeIfAbsent(value, graph::freshName);
      }
      placed.add(
          part.withInputs(part.inputs().stream().map(names::get).toList())
              .withOutputs(part.outputs().stream().map(names::get).toList()));
    }
    graph.replace(node, placed);
  }
}
