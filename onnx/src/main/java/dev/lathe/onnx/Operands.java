package dev.lathe.onnx;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A node with what is known of its inputs.
 *
 * @param node the node
 * @param opset version of ONNX's operator set
 * @param types type and shape of a value, where known
 * @param integers elements of a small integer value, where known
 * @param numbers elements of a small floating value, where known
 */
record Operands(
    OnnxNode node,
    int opset,
    Function<String, Optional<TensorType>> types,
    Function<String, Optional<long[]>> integers,
    Function<String, Optional<float[]>> numbers) {

  /** Whether type and shape of every input are known. */
  boolean complete() {
    return node.inputs().stream().allMatch(i -> i.isEmpty() || types.apply(i).isPresent());
  }

  int count() {
    return node.inputs().size();
  }

  boolean has(int input) {
    return node.input(input).isPresent();
  }

  TensorType type(int input) {
    return node.input(input)
        .flatMap(types)
        .orElseThrow(() -> new OnnxException("input %d is missing.".formatted(input)));
  }

  long[] dims(int input) {
    return type(input).dims();
  }

  /** The elements of a small integer input, where known. */
  Optional<long[]> integers(int input) {
    return node.input(input).flatMap(integers);
  }

  /** The elements of a small floating input, where known. */
  Optional<float[]> numbers(int input) {
    return node.input(input).flatMap(numbers);
  }

  /** A list of integers that older operator sets give as attribute and newer ones as input. */
  Optional<long[]> integers(String attribute, int input) {
    return node.has(attribute) ? Optional.of(node.ints(attribute)) : integers(input);
  }

  /** An axis attribute, counted from the first. */
  int axis(String attribute, long fallback, int rank) {
    return axis(node.integer(attribute, fallback), rank);
  }

  static int axis(long axis, int rank) {
    if (axis < -rank || axis >= Math.max(rank, 1)) {
      throw new OnnxException("axis %d does not exist in %d dimensions.".formatted(axis, rank));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** The first input's element type with other sizes, as the only result. */
  List<TensorType> likeFirst(long... dims) {
    return List.of(new TensorType(type(0).type(), dims));
  }
}
