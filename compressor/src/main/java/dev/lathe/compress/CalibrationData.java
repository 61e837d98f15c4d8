package dev.lathe.compress;

import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import java.util.Map;

/** Inputs that are typical for a model; no labels. */
public interface CalibrationData {
  /** The number of items. */
  int images();

  /**
   * Values of all inputs of a model for items {@code from} (inclusive) to {@code to} (exclusive).
   *
   * @throws CompressionException if these data have not what the model takes
   */
  Map<String, TensorValue> feed(OnnxGraph model, int from, int to);

  /** How many items go into a run of a model: 0 if any number does. */
  default int itemsARun(OnnxGraph model) {
    return InputShapes.batch(model);
  }

  /** Some of the items, from {@code from} (inclusive) to {@code to} (exclusive). */
  default CalibrationData between(int from, int to) {
    CalibrationData all = this;
    if (from < 0 || to < from || to > images()) {
      throw new IllegalArgumentException(
          "items %d to %d are not among the %d there are.".formatted(from, to, images()));
    }
    return new CalibrationData() {
      @Override
      public int images() {
        return to - from;
      }

      @Override
      public Map<String, TensorValue> feed(OnnxGraph model, int first, int last) {
        return all.feed(model, from + first, from + last);
      }

      @Override
      public int itemsARun(OnnxGraph model) {
        return all.itemsARun(model);
      }
    };
  }
}
