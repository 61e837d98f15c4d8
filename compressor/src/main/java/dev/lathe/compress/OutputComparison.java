package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * How well a compressed model keeps the floating-point outputs of the original.
 *
 * @param outputs signal to noise of each, the worst first
 * @param fusionDecibels least agreement with and without ONNX Runtime's optimisations
 */
public record OutputComparison(List<OutputError> outputs, double fusionDecibels) {
  public OutputComparison {
    outputs = List.copyOf(outputs);
  }

  /** Compares on the first items of some data, which need not be those that calibrated. */
  public static OutputComparison of(
      OnnxGraph original, OnnxGraph compressed, CalibrationData data, int items) {
    Comparison comparison = Comparison.of(original, compressed, Map.of(), data, items);
    return new OutputComparison(
        comparison.outputs().stream()
            .sorted(Comparator.comparingDouble(OutputComparison::badness))
            .toList(),
        comparison.fusionDecibels());
  }

  private static double badness(OutputError output) {
    return Double.isNaN(output.sqnrDecibels()) ? Double.NEGATIVE_INFINITY : output.sqnrDecibels();
  }

  /** Signal to noise of the worst output; infinite if all are the same to the bit. */
  public double outputDecibels() {
    return outputs.isEmpty() ? Double.POSITIVE_INFINITY : outputs.getFirst().sqnrDecibels();
  }
}
