package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.Map;

/** Inputs that are typical for a model, most often of one single-precision input; no labels. */
public interface CalibrationData {
  /** The number of items. */
  int images();

  /**
   * Items {@code from} (inclusive) to {@code to} (exclusive), already normalised, in row-major
   * order with the item as first dimension.
   */
  float[] batch(int from, int to);

  /** The shape of a batch of {@code n} items, for example [n, channels, height, width]. */
  long[] shape(int n);

  /**
   * Values of all inputs of a model for items {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @throws CompressionException if these data have not what the model takes
   */
  default Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    List<ValueInfo> inputs = model.inputs();
    if (inputs.size() != 1) {
      throw new CompressionException(
          "the model has %d inputs, these data feed one. Maybe calibrate with noise:64."
              .formatted(inputs.size()));
    }
    String name = inputs.getFirst().name();
    return Map.of(name, TensorValue.floats(name, batch(from, to), shape(to - from)));
  }
}
