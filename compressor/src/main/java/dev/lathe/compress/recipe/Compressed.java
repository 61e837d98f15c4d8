package dev.lathe.compress.recipe;

import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import java.util.Map;

/**
 * A recipe's result.
 *
 * @param model the compressed model
 * @param steps one report a step
 * @param files texts that go with the model, by the ending of their names, for example {@code cpp}
 */
public record Compressed(OnnxGraph model, List<StepReport> steps, Map<String, String> files) {
  public Compressed {
    steps = List.copyOf(steps);
    files = Map.copyOf(files);
  }

  /** The report of the last step. */
  public StepReport last() {
    return steps.getLast();
  }
}
