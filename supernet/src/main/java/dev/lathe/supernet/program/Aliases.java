package dev.lathe.supernet.program;

import dev.lathe.onnx.OnnxNode;
import java.util.Optional;
import java.util.function.Predicate;

/** Nodes that change nothing of what the interpreter sees: their result is one of their inputs. */
final class Aliases {
  private Aliases() {}

  /**
   * The input that a node passes on.
   *
   * @param known whether a value is a constant, which a DequantizeLinear does compute
   */
  static Optional<Integer> of(OnnxNode node, Predicate<String> known) {
    boolean passes =
        node.is("Identity")
            || node.is("Dropout")
            || node.opType().equals("DequantizeLinear") && !known.test(node.inputs().getFirst());
    return passes ? Optional.of(0) : Optional.empty();
  }
}
