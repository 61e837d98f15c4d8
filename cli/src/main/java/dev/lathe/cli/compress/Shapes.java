package dev.lathe.cli.compress;

import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxGraph;
import java.util.LinkedHashMap;
import java.util.Map;

/** The shapes of a model's inputs, for reports. */
public final class Shapes {
  private Shapes() {}

  /** Sizes by name of the input, open first dimensions at {@code batch}. */
  public static Map<String, long[]> of(OnnxGraph graph, InputShapes shapes, long batch) {
    Map<String, long[]> dims = new LinkedHashMap<>();
    shapes.types(graph, batch).forEach((name, type) -> dims.put(name, type.dims()));
    return dims;
  }
}
