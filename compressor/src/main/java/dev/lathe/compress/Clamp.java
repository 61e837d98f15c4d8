package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Optional;

/**
 * Bounds that an activation sets.
 *
 * @param min least value of its output, at most 0
 * @param max greatest value of its output, at least 0, may be infinite
 */
public record Clamp(double min, double max) {
  /** The bounds of a Relu, a HardSigmoid, or a Clip with constant bounds around 0. */
  public static Optional<Clamp> of(OnnxGraph graph, OnnxNode node) {
    return switch (node.opType()) {
      case "Relu" -> Optional.of(new Clamp(0, Double.POSITIVE_INFINITY));
      case "HardSigmoid" -> Optional.of(new Clamp(0, 1));
      case "Clip" -> {
        Optional<Double> min = bound(graph, node, "min", 1, Double.NEGATIVE_INFINITY);
        Optional<Double> max = bound(graph, node, "max", 2, Double.POSITIVE_INFINITY);
        yield min.isPresent() && max.isPresent() && min.get() <= 0 && max.get() >= 0
            ? Optional.of(new Clamp(min.get(), max.get()))
            : Optional.empty();
      }
      default -> Optional.empty();
    };
  }

  private static Optional<Double> bound(
      OnnxGraph graph, OnnxNode node, String attribute, int input, double fallback) {
    if (node.has(attribute)) {
      return Optional.of((double) node.floating(attribute, 0));
    }
    if (node.input(input).isEmpty()) {
      return Optional.of(fallback);
    }
    return graph
        .initializer(node.inputs().get(input))
        .filter(tensor -> tensor.elements() == 1)
        .map(TensorValue::floats)
        .map(values -> (double) values[0]);
  }
}
