package dev.lathe.farm.table;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The model file that stands for a row of a table where there is no network: it passes its input on
 * and carries the choices of the row in its metadata. What has a network may carry them likewise.
 */
public final class TableRow {
  /** Name in a model's metadata of the architecture's choices, numbers with commas between. */
  public static final String ARCHITECTURE = "lathe.architecture";

  private TableRow() {}

  /** The file for an architecture of a table. */
  public static OnnxGraph model(Architecture architecture) {
    OnnxGraph graph = OnnxGraph.create("row", 17);
    ValueInfo input = new ValueInfo("input", ElementType.FLOAT, List.of(Dimension.of(1)));
    graph.addInput(input);
    graph.addOutput(new ValueInfo("output", ElementType.FLOAT, List.of(Dimension.of(1))));
    graph.add(OnnxNode.of("Identity", "row", List.of("input"), List.of("output")));
    graph
        .metadata()
        .put(
            ARCHITECTURE,
            Arrays.stream(architecture.toArray())
                .mapToObj(Integer::toString)
                .collect(Collectors.joining(",")));
    return graph;
  }

  /** The architecture that a model carries; empty if it carries none. */
  static Optional<Architecture> of(OnnxGraph graph) {
    String text = graph.metadata().get(ARCHITECTURE);
    return text == null || !text.matches("\\d{1,9}(,\\d{1,9})*")
        ? Optional.empty()
        : Optional.of(
            Architecture.of(
                Arrays.stream(text.split(",", -1)).mapToInt(Integer::parseInt).toArray()));
  }
}
