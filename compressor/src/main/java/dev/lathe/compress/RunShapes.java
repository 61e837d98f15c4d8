package dev.lathe.compress;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Types and shapes of a graph's values: those that rules tell, and for operators without a rule, or
 * whose shapes depend on numbers, those that a run on noise has.
 */
public final class RunShapes {
  private RunShapes() {}

  /**
   * The shapes of a graph whose sizes are assumed.
   *
   * @param batch size of open first dimensions
   * @throws OnnxException if neither rules nor a run can tell
   */
  public static Map<String, TensorType> of(OnnxGraph graph, long batch) {
    Map<String, TensorType> types = new LinkedHashMap<>();
    try {
      types.putAll(ShapeInference.infer(graph, graph.symbols(batch, Map.of())));
    } catch (OnnxException e) {
      graph.initializers().forEach(tensor -> types.put(tensor.name(), tensor.tensorType()));
    }
    Set<String> given = new HashSet<>();
    graph.outputs().forEach(output -> given.add(output.name()));
    List<String> unknown = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      for (String value : node.outputs()) {
        if (!value.isEmpty() && !types.containsKey(value)) {
          unknown.add(value);
        }
      }
    }
    if (unknown.isEmpty()) {
      return types;
    }
    OnnxGraph watched = graph.copy();
    unknown.stream().filter(value -> !given.contains(value)).forEach(watched::addOutput);
    Noise noise = Noise.of(graph, (int) batch, 1);
    int run = Math.max(1, noise.itemsARun(graph));
    Map<String, TensorValue> feed = noise.feed(graph, 0, (int) Math.max(run, batch));
    feed.forEach((name, value) -> types.put(name, value.tensorType()));
    try (OrtModel model = OrtModel.open(watched, OrtModel.Options.LITERAL)) {
      model.run(feed).forEach((name, value) -> types.put(name, value.tensorType()));
    }
    return types;
  }
}
