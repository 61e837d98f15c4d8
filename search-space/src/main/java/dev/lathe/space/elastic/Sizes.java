package dev.lathe.space.elastic;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.ValueInfo;
import java.util.HashMap;
import java.util.Map;

/**
 * Types and shapes of a graph's values at two choices of its symbolic sizes: a dimension that
 * differs between them depends on the input.
 *
 * @param types at the first choice
 * @param others at the second
 */
record Sizes(Map<String, TensorType> types, Map<String, TensorType> others) {
  /** Sizes for batches, of no common factor with channels; and others that most networks take. */
  private static final long[] BATCHES = {7, 11};

  private static final long[][] LENGTHS = {{13, 17}, {64, 96}, {224, 256}, {1, 1}};

  /**
   * @param given sizes of symbolic dimensions, by name, where the caller knows some
   * @throws OnnxException if no sizes are found at which shapes fit together
   */
  static Sizes of(OnnxGraph graph, Map<String, Long> given) {
    OnnxException last = new OnnxException("the model has no inputs.");
    Map<String, Long> assumed = new HashMap<>(graph.assumed());
    assumed.putAll(given);
    for (long[] lengths : LENGTHS) {
      try {
        return new Sizes(
            ShapeInference.infer(graph, symbols(graph, given, BATCHES[0], lengths[0])),
            ShapeInference.infer(graph, symbols(graph, given, BATCHES[1], lengths[1])));
      } catch (OnnxException e) {
        last = e;
      }
    }
    if (!graph.assumed().isEmpty()) {
      // Only the batch can vary: other dimensions have the one size that is known to work.
      return new Sizes(
          ShapeInference.infer(graph, symbols(graph, assumed, BATCHES[0], 1)),
          ShapeInference.infer(graph, symbols(graph, assumed, BATCHES[1], 1)));
    }
    throw last;
  }

  private static Map<String, Long> symbols(
      OnnxGraph graph, Map<String, Long> given, long batch, long length) {
    Map<String, Long> symbols = new HashMap<>(given);
    for (ValueInfo input : graph.inputs()) {
      for (int i = 0; i < input.shape().size(); i++) {
        if (input.shape().get(i) instanceof Dimension.Symbolic(String symbol)) {
          symbols.putIfAbsent(symbol, i == 0 ? batch : length);
        }
      }
    }
    return symbols;
  }

  boolean knows(String value) {
    return types.containsKey(value) && others.containsKey(value);
  }

  TensorType type(String value) {
    TensorType type = types.get(value);
    if (type == null) {
      throw new OnnxException("the shape of value '%s' is not known.".formatted(value));
    }
    return type;
  }

  /** Whether a dimension depends on the input. */
  boolean varies(String value, int axis) {
    return types.get(value).dim(axis) != others.get(value).dim(axis);
  }

  /** Whether a dimension of one value is that of another, whatever the input. */
  boolean same(String a, int axisOfA, String b, int axisOfB) {
    return types.get(a).dim(axisOfA) == types.get(b).dim(axisOfB)
        && others.get(a).dim(axisOfA) == others.get(b).dim(axisOfB);
  }
}
