package dev.lathe.compress.recipe;

import dev.lathe.compress.NodeOutcome;
import dev.lathe.compress.TensorError;
import java.util.List;

/**
 * What one step did.
 *
 * @param step its name
 * @param bytes of the file after it
 * @param outputDecibels signal to noise of the first output, against the model before the recipe
 * @param fusionDecibels agreement of the model with and without ONNX Runtime's optimisations
 * @param integerNodes nodes that compute with integers after it
 * @param floatNodes nodes with weights, and those that follow them, that compute with floating
 *     point
 * @param nodes the fusion report, for quantizing steps
 * @param tensors errors of quantized activations, for quantizing steps
 * @param notes what was decided and why
 * @param seconds that it took
 * @param latencyMillis median of a few runs in this process at one thread
 * @param residentMegabytes by which the process grew when it loaded and ran the model; NaN where
 *     the system does not tell
 */
public record StepReport(
    String step,
    long bytes,
    double outputDecibels,
    double fusionDecibels,
    long integerNodes,
    long floatNodes,
    List<NodeOutcome> nodes,
    List<TensorError> tensors,
    List<String> notes,
    double seconds,
    double latencyMillis,
    double residentMegabytes) {
  public StepReport {
    nodes = List.copyOf(nodes);
    tensors = List.copyOf(tensors);
    notes = List.copyOf(notes);
  }
}
