package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.Map;

/** Items for a model of one single-precision input. */
public interface SingleInput extends CalibrationData {
  /**
   * Items {@code from} (inclusive) to {@code to} (exclusive), already normalised, in row-major
   * order with the item as first dimension.
   */
  float[] batch(int from, int to);

  /** The shape of a batch of {@code n} items, for example [n, channels, height, width]. */
  long[] shape(int n);

  @Override
  default Map<String, TensorValue> feed(OnnxGraph model, int from, int to) {
    List<ValueInfo> inputs = model.inputs();
    if (inputs.size() != 1) {
      throw new CompressionException(
          "the model has %d inputs, these data feed one. Maybe calibrate with npz:FILE, one array an input."
              .formatted(inputs.size()));
    }
    String name = inputs.getFirst().name();
    return Map.of(name, TensorValue.floats(name, batch(from, to), shape(to - from)));
  }
}
