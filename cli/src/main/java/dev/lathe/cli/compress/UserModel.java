package dev.lathe.cli.compress;

import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.ModelTrial;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads a model that somebody brings. */
public final class UserModel {
  private UserModel() {}

  /**
   * Reads and tries a model.
   *
   * @param said sizes of open dimensions, by name
   * @throws dev.lathe.onnx.OnnxException if it is unsound, or does not run within limits
   */
  public static ForeignModel read(Path file, Map<String, Long> said) {
    return taken(OnnxGraph.read(file), said);
  }

  /**
   * Reads and tries a model whose sizes follow from calibration data, where they have them.
   *
   * @param said sizes of open dimensions, by name
   */
  public static ForeignModel read(Path file, String calibration, Map<String, Long> said) {
    OnnxGraph graph = OnnxGraph.read(file);
    Map<String, Long> sizes = new HashMap<>(CalibrationSource.sizes(calibration, graph));
    sizes.putAll(said);
    return taken(graph, sizes);
  }

  private static ForeignModel taken(OnnxGraph graph, Map<String, Long> said) {
    try (ModelTrial trial = ModelTrial.within(ModelTrial.Limits.DEFAULT)) {
      return ForeignModel.of(graph, said, trial);
    }
  }

  /** Says what was done to the file, and of which shapes figures are. */
  public static void print(ForeignModel model, PrintWriter out) {
    model.notes().forEach(note -> out.printf("  %s%n", note));
    model.shapes().described(model.graph(), 1).forEach(line -> out.printf("  input  %s%n", line));
    out.flush();
  }
}
