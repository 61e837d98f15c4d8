package dev.lathe.compress;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Replaces what can be computed from constants alone by constants, where that does not make the
 * file larger: weights that are stored in a compressed form stay compressed.
 */
final class ConstantFolding {
  private static final Set<String> NOT_FOLDED =
      Set.of(
          "Constant",
          "QuantizeLinear",
          "DequantizeLinear",
          "RandomNormal",
          "RandomUniform",
          "RandomNormalLike",
          "RandomUniformLike",
          "Multinomial",
          "Bernoulli",
          "Dropout");
  private static final long SMALL_BYTES = 1 << 14;

  private ConstantFolding() {}

  /** Folds in place; nothing where shapes cannot be known. */
  static void apply(OnnxGraph graph) {
    Map<String, TensorType> types;
    try {
      types = ShapeInference.infer(graph, graph.symbols(1, Map.of()));
    } catch (OnnxException e) {
      return;
    }
    Map<String, Long> bytes = new LinkedHashMap<>();
    graph.initializers().forEach(tensor -> bytes.put(tensor.name(), tensor.bytes()));
    Set<OnnxNode> folded = new LinkedHashSet<>();
    for (OnnxNode node : graph.nodes()) {
      if (isFoldable(graph, node, types, bytes.keySet())) {
        // What others read too stays in the file.
        long taken =
            node.inputs().stream()
                .filter(i -> graph.consumers(i).size() == 1 && !graph.isOutput(i))
                .mapToLong(i -> bytes.getOrDefault(i, 0L))
                .sum();
        long made = types.get(node.output()).bytes();
        if (made <= Math.max(taken, SMALL_BYTES)) {
          folded.add(node);
          bytes.put(node.output(), made);
        }
      }
    }
    if (folded.isEmpty()) {
      return;
    }
    Map<String, TensorValue> values = compute(graph, folded, types);
    for (OnnxNode node : folded) {
      graph.remove(node);
    }
    values.forEach((name, value) -> graph.addInitializer(value.named(name)));
    graph.removeUnused();
  }

  private static boolean isFoldable(
      OnnxGraph graph, OnnxNode node, Map<String, TensorType> types, Set<String> constants) {
    return node.domain().isEmpty()
        && !NOT_FOLDED.contains(node.opType())
        && !node.hasSubgraphs()
        && node.outputs().size() == 1
        && !node.inputs().isEmpty()
        && node.inputs().stream().allMatch(i -> i.isEmpty() || constants.contains(i))
        && types.containsKey(node.output())
        && !graph.isOutput(node.output())
        && !graph.isCaptured(node.output());
  }

  private static Map<String, TensorValue> compute(
      OnnxGraph graph, Set<OnnxNode> folded, Map<String, TensorType> types) {
    OnnxGraph part = OnnxGraph.create("constants", graph.opset());
    Set<String> wanted = new LinkedHashSet<>();
    for (OnnxNode node : folded) {
      part.add(node);
      node.inputs().forEach(i -> graph.initializer(i).ifPresent(part::addInitializer));
      if (graph.consumers(node.output()).stream().anyMatch(reader -> !folded.contains(reader))) {
        wanted.add(node.output());
      }
    }
    for (String value : wanted) {
      part.addOutput(ValueInfo.unranked(value, types.get(value).type()));
    }
    if (wanted.isEmpty()) {
      return Map.of();
    }
    try (OrtModel model = OrtModel.open(part, OrtModel.Options.LITERAL)) {
      return model.run(Map.of());
    }
  }
}
