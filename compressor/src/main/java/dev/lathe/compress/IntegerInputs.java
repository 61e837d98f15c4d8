package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * What integers mean to a model: how many values of an integer input it tells apart, read from the
 * tables that they index, the constants that they are compared with, the depth to which they are
 * spread, or the modulus that they are taken to.
 */
final class IntegerInputs {
  private final OnnxGraph graph;
  private final Set<String> seen = new HashSet<>();

  private IntegerInputs(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * The number of values, from 0 upward, that an input may have; empty where nothing in the graph
   * says so, as for attention masks.
   */
  static OptionalLong values(OnnxGraph graph, String input) {
    return new IntegerInputs(graph).follow(input);
  }

  /** The least of what the readers of a value say. */
  private OptionalLong follow(String value) {
    if (!seen.add(value)) {
      return OptionalLong.empty();
    }
    return graph.consumers(value).stream()
        .map(reader -> bound(reader, value))
        .flatMapToLong(OptionalLong::stream)
        .filter(count -> count > 0)
        .min();
  }

  private OptionalLong bound(OnnxNode reader, String value) {
    int at = reader.inputs().indexOf(value);
    return switch (reader.opType()) {
      case "Gather", "GatherElements" -> at == 1 ? rows(reader) : follow(reader.output());
      case "EmbedLayerNormalization" ->
          at < 2 ? first(graph.constant(reader.inputs().get(2 + 2 * at))) : OptionalLong.empty();
      case "OneHot" -> at == 0 ? number(reader, 1, 0) : OptionalLong.empty();
      case "Mod" -> at == 0 ? number(reader, 1, 0) : OptionalLong.empty();
      case "Equal", "Less", "Greater", "GreaterOrEqual", "LessOrEqual" -> number(reader, 1 - at, 2);
      case "Cast",
          "Identity",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Transpose",
          "Slice",
          "Expand",
          "Concat",
          "Split",
          "Tile" ->
          at == 0 || reader.is("Concat") ? followAll(reader) : OptionalLong.empty();
      default -> OptionalLong.empty();
    };
  }

  private OptionalLong followAll(OnnxNode node) {
    return node.outputs().stream()
        .filter(output -> !output.isEmpty())
        .map(this::follow)
        .flatMapToLong(OptionalLong::stream)
        .min();
  }

  private OptionalLong rows(OnnxNode gather) {
    Optional<TensorValue> table = graph.constant(gather.inputs().getFirst());
    if (table.isEmpty()) {
      // A table behind a Cast or a DequantizeLinear.
      table =
          graph
              .producer(gather.inputs().getFirst())
              .filter(node -> node.isOneOf("Cast", "DequantizeLinear", "Identity"))
              .flatMap(node -> graph.constant(node.inputs().getFirst()));
    }
    long axis = gather.integer("axis", 0);
    return table.isEmpty() || table.get().rank() == 0
        ? OptionalLong.empty()
        : OptionalLong.of(table.get().dim((int) (axis < 0 ? axis + table.get().rank() : axis)));
  }

  private static OptionalLong first(Optional<TensorValue> table) {
    return table.isPresent() && table.get().rank() > 0
        ? OptionalLong.of(table.get().dim(0))
        : OptionalLong.empty();
  }

  /** The greatest of a small constant input's elements, and {@code more}. */
  private OptionalLong number(OnnxNode node, int input, long more) {
    Optional<TensorValue> constant = node.input(input).flatMap(graph::constant);
    return constant.isPresent() && constant.get().elements() > 0 && constant.get().elements() < 4096
        ? OptionalLong.of(LongStream.of(constant.get().longs()).max().orElse(0) + more)
        : OptionalLong.empty();
  }
}
