package dev.lathe.cli.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.ModelTrial;
import java.nio.file.Path;
import java.util.Map;

/** A model that somebody brings: it is tried out before this process runs it. */
final class UserModel {
  private UserModel() {}

  /**
   * Reads and tries a model.
   *
   * @param sizes of symbolic dimensions of its inputs other than the batch, by name
   * @throws dev.lathe.onnx.OnnxException if it is unsound, or does not run within limits
   */
  static OnnxGraph read(Path file, Map<String, Long> sizes) {
    OnnxGraph graph = OnnxGraph.read(file);
    try (ModelTrial trial = ModelTrial.within(ModelTrial.Limits.DEFAULT)) {
      trial.check(graph, sizes);
    }
    return graph;
  }
}
