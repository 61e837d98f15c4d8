package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;

/** Refuses models whose weights are no numbers: whatever is made of them is none either. */
public final class FiniteWeights {
  private FiniteWeights() {}

  /**
   * Checks all weights, and no element of any other constant to be NaN.
   *
   * @throws CompressionException naming the weight, the element and its value
   */
  public static void check(OnnxGraph graph) {
    for (TensorValue tensor : graph.initializers()) {
      if (tensor.type() == ElementType.FLOAT && !tensor.isShapeOnly()) {
        float[] values = tensor.floats();
        boolean weight = WeightReaders.readOnlyAsWeight(graph, tensor.name());
        for (int i = 0; i < values.length; i++) {
          if (Float.isNaN(values[i]) || weight && Float.isInfinite(values[i])) {
            throw new CompressionException(
                "weight '%s' has the element %s at place %d. Maybe the training diverged, or an export went wrong."
                    .formatted(tensor.name(), values[i], i));
          }
        }
      }
    }
  }
}
