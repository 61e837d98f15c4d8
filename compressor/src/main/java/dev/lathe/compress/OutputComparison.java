package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import java.util.Map;

/**
 * How well a compressed model keeps the first output of the original.
 *
 * @param outputDecibels signal to noise
 * @param fusionDecibels agreement with and without ONNX Runtime's optimisations
 */
public record OutputComparison(double outputDecibels, double fusionDecibels) {
  /** Compares on the first images of the calibration data. */
  public static OutputComparison of(
      OnnxGraph original, OnnxGraph compressed, CalibrationData data, int images) {
    Comparison comparison = Comparison.of(original, compressed, Map.of(), data, images);
    return new OutputComparison(comparison.outputDecibels(), comparison.fusionDecibels());
  }
}
