package dev.lathe.compress.recipe;

import dev.lathe.onnx.OnnxGraph;
import java.util.List;

/**
 * A recipe's result.
 *
 * @param model the compressed model
 * @param steps one report a step
 */
public record Compressed(OnnxGraph model, List<StepReport> steps) {
  public Compressed {
    steps = List.copyOf(steps);
  }

  /** The report of the last step. */
  public StepReport last() {
    return steps.getLast();
  }
}
