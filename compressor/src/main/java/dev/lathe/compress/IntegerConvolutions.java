package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the convolutions of a graph with QuantizeLinear and DequantizeLinear nodes. */
final class IntegerConvolutions {
  private final OnnxGraph graph;

  IntegerConvolutions(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * A convolution that computes with integers.
   *
   * @param conv of one group
   * @param input dequantizes what it reads
   * @param output quantizes what it gives
   * @param weight its kernel, O × C × KH × KW, of 8-bit integers with zero points of 0
   */
  record Found(OnnxNode conv, OnnxNode input, OnnxNode output, TensorValue weight) {}

  /** What a node is, if it is such a convolution. */
  Optional<Found> find(OnnxNode node) {
    if (!node.is("Conv") || node.integer("group", 1) != 1) {
      return Optional.empty();
    }
    Optional<OnnxNode> input = producer(node.inputs().getFirst(), "DequantizeLinear");
    Optional<OnnxNode> output = onlyConsumer(node.output(), "QuantizeLinear");
    Optional<TensorValue> weight =
        symmetric(node.inputs().get(1)).filter(values -> values.type() == ElementType.INT8);
    boolean biasKnown = node.input(2).isEmpty() || symmetric(node.input(2).get()).isPresent();
    return input.isPresent() && output.isPresent() && weight.isPresent() && biasKnown
        ? Optional.of(new Found(node, input.get(), output.get(), weight.get()))
        : Optional.empty();
  }

  /** The integers behind a value whose first axis has a scale each, and zeros for zero points. */
  private Optional<TensorValue> symmetric(String value) {
    Optional<OnnxNode> node = producer(value, "DequantizeLinear");
    Optional<TensorValue> integers = node.flatMap(n -> constant(n, 0));
    Optional<TensorValue> scales = node.flatMap(n -> constant(n, 1));
    if (integers.isEmpty() || scales.isEmpty() || node.get().integer("axis", 1) != 0) {
      return Optional.empty();
    }
    boolean zeros =
        node.get().input(2).isEmpty()
            || constant(node.get(), 2)
                .filter(points -> Arrays.stream(points.longs()).allMatch(point -> point == 0))
                .isPresent();
    boolean oneEach = scales.get().rank() == 1 && scales.get().dim(0) == integers.get().dim(0);
    return zeros && oneEach ? integers : Optional.empty();
  }

  Optional<TensorValue> constant(OnnxNode node, int input) {
    return node.input(input).flatMap(graph::initializer);
  }

  Optional<OnnxNode> producer(String value, String operator) {
    return graph.producer(value).filter(node -> node.is(operator));
  }

  Optional<OnnxNode> onlyConsumer(String value, String operator) {
    List<OnnxNode> consumers = graph.consumers(value);
    boolean one = consumers.size() == 1 && !graph.isOutput(value) && !graph.isCaptured(value);
    return one && consumers.getFirst().is(operator)
        ? Optional.of(consumers.getFirst())
        : Optional.empty();
  }
}
