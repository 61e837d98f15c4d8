package dev.lathe.supernet.program;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * A node with what is known of its operands while it is compiled. An operand whose place is asked
 * for is one that the call reads when it runs.
 */
final class Operands {
  private final OnnxNode node;
  private final int opset;
  private final ToIntFunction<String> places;
  private final Function<String, Optional<TensorValue>> constants;
  private final Function<String, Optional<long[]>> weightDims;
  private final Set<Integer> read = new LinkedHashSet<>();

  /**
   * Operands.
   *
   * @param places of values by name
   * @param constants values that are known
   * @param weightDims shapes of parameters
   */
  Operands(
      OnnxNode node,
      int opset,
      ToIntFunction<String> places,
      Function<String, Optional<TensorValue>> constants,
      Function<String, Optional<long[]>> weightDims) {
    this.node = node;
    this.opset = opset;
    this.places = places;
    this.constants = constants;
    this.weightDims = weightDims;
  }

  OnnxNode node() {
    return node;
  }

  int opset() {
    return opset;
  }

  int count() {
    return node.inputs().size();
  }

  boolean has(int input) {
    return node.input(input).isPresent();
  }

  /** The place of an operand. */
  int slot(int input) {
    int slot = places.applyAsInt(node.input(input).orElseThrow(() -> missing(input)));
    read.add(slot);
    return slot;
  }

  /** The place of an operand that may be left out, negative then. */
  int optional(int input) {
    return has(input) ? slot(input) : -1;
  }

  /** The places of all operands. */
  int[] slots() {
    int[] slots = new int[count()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot(i);
    }
    return slots;
  }

  /** The places that were asked for. */
  int[] read() {
    return read.stream().mapToInt(Integer::intValue).toArray();
  }

  Optional<TensorValue> constant(int input) {
    return node.input(input).flatMap(constants);
  }

  /** The extent of an operand that is a parameter or constant. */
  Optional<long[]> dims(int input) {
    return node.input(input)
        .flatMap(
            name -> weightDims.apply(name).or(() -> constants.apply(name).map(TensorValue::dims)));
  }

  /** An operand that must be known before the program runs. */
  TensorValue known(int input) {
    return constant(input)
        .orElseThrow(() -> unsupported("its input %d is no constant".formatted(input)));
  }

  /** Whole numbers that older operator sets give as attribute and newer ones as operand. */
  Optional<long[]> longs(String attribute, int input) {
    if (node.has(attribute)) {
      return Optional.of(node.ints(attribute));
    }
    return has(input) ? Optional.of(known(input).longs()) : Optional.empty();
  }

  /** A number that older operator sets give as attribute and newer ones as operand. */
  double number(String attribute, int input, double fallback) {
    return has(input) ? known(input).floats()[0] : node.floating(attribute, (float) fallback);
  }

  OnnxException missing(int input) {
    return new OnnxException("%s lacks its input %d.".formatted(node.label(), input));
  }

  OnnxException unsupported(String why) {
    return unsupported(node, why);
  }

  static OnnxException unsupported(OnnxNode node, String why) {
    return new OnnxException("%s cannot be trained: %s.".formatted(node.label(), why));
  }
}
