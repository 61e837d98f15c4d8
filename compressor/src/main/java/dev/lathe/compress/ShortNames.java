package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Gives inner values names of one or two characters: in a small network names weigh. */
public final class ShortNames {
  private ShortNames() {}

  /** Renames the inner values of a graph in place; new names by old. */
  public static Map<String, String> apply(OnnxGraph graph) {
    Set<String> fixed = new HashSet<>();
    graph.inputs().stream().map(ValueInfo::name).forEach(fixed::add);
    graph.outputs().stream().map(ValueInfo::name).forEach(fixed::add);
    Map<String, String> names = new HashMap<>();
    int[] next = {0};
    for (OnnxNode node : graph.nodes()) {
      for (String value : node.inputs()) {
        name(graph, value, fixed, names, next);
      }
      for (String value : node.outputs()) {
        name(graph, value, fixed, names, next);
      }
    }
    for (TensorValue tensor : graph.initializers()) {
      name(graph, tensor.name(), fixed, names, next);
    }
    graph.rename(names);
    return names;
  }

  private static void name(
      OnnxGraph graph, String value, Set<String> fixed, Map<String, String> names, int[] next) {
    if (value.isEmpty()
        || fixed.contains(value)
        || names.containsKey(value)
        || graph.isCaptured(value)) {
      return;
    }
    String name;
    do {
      name = Integer.toString(next[0]++, Character.MAX_RADIX);
    } while (fixed.contains(name) || graph.isCaptured(name));
    names.put(value, name);
  }
}
