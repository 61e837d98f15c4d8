package dev.lathe.onnx.simplify;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Moves max pooling behind the batch norms and activations that follow it. Both orders give the
 * same values, since a maximum passes through whatever never falls. Trained the one way, there are
 * fewer values to normalize; run the other way, the convolution before the pooling takes norm and
 * activation into itself.
 */
public final class LatePooling {
  private LatePooling() {}

  /** Changes the order in place. */
  public static void apply(OnnxGraph graph) {
    List<OnnxNode> nodes = new ArrayList<>(graph.nodes());
    Map<String, Integer> uses = new HashMap<>();
    graph.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
    Map<String, Integer> readers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).inputs()) {
        uses.merge(input, graph.isCaptured(input) ? 2 : 1, Integer::sum);
        readers.put(input, i);
      }
    }
    boolean changed = false;
    for (int i = 0; i < nodes.size(); i++) {
      int at = i;
      while (isPooling(nodes.get(at)) && uses.getOrDefault(nodes.get(at).output(), 0) == 1) {
        OnnxNode pooling = nodes.get(at);
        Integer reader = readers.get(pooling.output());
        if (reader == null || !neverFalls(graph, nodes.get(reader), pooling.output())) {
          break;
        }
        OnnxNode next = nodes.get(reader);
        List<String> inputs = new ArrayList<>(next.inputs());
        inputs.set(0, pooling.inputs().getFirst());
        nodes.set(at, next.withInputs(inputs).withOutputs(List.of(pooling.output())));
        nodes.set(
            reader,
            pooling.withInputs(List.of(pooling.output())).withOutputs(List.of(next.output())));
        changed = true;
        at = reader;
      }
    }
    if (changed) {
      graph.replaceAll(nodes);
    }
  }

  private static boolean isPooling(OnnxNode node) {
    return node.is("MaxPool") && node.outputs().size() == 1;
  }

  /** Whether each value of the result is a function of one value that does not fall with it. */
  private static boolean neverFalls(OnnxGraph graph, OnnxNode node, String value) {
    if (!node.inputs().getFirst().equals(value) || node.outputs().size() != 1) {
      return false;
    }
    return switch (node.opType()) {
      case "Relu", "Sigmoid" -> node.domain().isEmpty();
      case "Clip" -> node.inputs().stream().skip(1).noneMatch(value::equals);
      case "BatchNormalization" -> node.integer("training_mode", 0) == 0 && rises(graph, node);
      default -> false;
    };
  }

  private static boolean rises(OnnxGraph graph, OnnxNode norm) {
    Optional<TensorValue> scale = graph.initializer(norm.inputs().get(1));
    if (scale.isEmpty() || scale.get().isShapeOnly()) {
      return false;
    }
    for (float factor : scale.get().floats()) {
      if (!(factor >= 0)) {
        return false;
      }
    }
    return true;
  }
}
