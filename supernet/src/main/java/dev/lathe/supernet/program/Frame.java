package dev.lathe.supernet.program;

import dev.lathe.supernet.tensor.Torch;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.jspecify.annotations.Nullable;

/** The values of one run of a program, by place. */
final class Frame {
  private final @Nullable Tensor[] values;
  private final @Nullable String[] parameters;
  private final boolean[] borrowed;
  private final Function<String, Tensor> source;
  private final Norms norms;
  private final Precision precision;

  /**
   * A frame.
   *
   * @param values constants at their places
   * @param parameters names at the places of parameters, which are asked of the source when they
   *     are needed first
   */
  Frame(
      @Nullable Tensor[] values,
      @Nullable String[] parameters,
      Function<String, Tensor> source,
      Norms norms,
      Precision precision) {
    this.values = values;
    this.parameters = parameters;
    this.borrowed = new boolean[values.length];
    this.source = source;
    this.norms = norms;
    this.precision = precision;
  }

  Norms norms() {
    return norms;
  }

  Tensor get(int slot) {
    Tensor value = values[slot];
    if (value == null) {
      String parameter = parameters[slot];
      if (parameter == null) {
        throw new IllegalStateException("the value at place %d is not there.".formatted(slot));
      }
      value = source.apply(parameter);
      values[slot] = value;
    }
    return value;
  }

  /** An operand of a product, in the numbers in which products are computed. */
  Tensor factor(int slot) {
    return precision == Precision.FLOAT32 ? get(slot) : precision.of(get(slot));
  }

  /** Likewise one that may be left out. */
  TensorOptional optionalFactor(int slot) {
    return slot < 0 ? new TensorOptional() : new TensorOptional(factor(slot));
  }

  /** An operand that may be left out: its place is negative then. */
  TensorOptional optional(int slot) {
    return slot < 0 ? new TensorOptional() : new TensorOptional(get(slot));
  }

  /** The whole numbers of a small tensor. */
  long[] longs(int slot) {
    return Torch.toLongs(get(slot));
  }

  /** An operator may hand on the very object that it was given. */
  @SuppressWarnings("ReferenceEquality")
  void put(int slot, Tensor value, int[] operands) {
    values[slot] = value;
    for (int operand : operands) {
      if (values[operand] == value) {
        borrowed[slot] = true;
        borrowed[operand] = true;
      }
    }
  }

  /** Lets go of a value that nobody asks for again; backward passes keep what they need. */
  void release(int slot) {
    Tensor value = values[slot];
    if (value != null && !borrowed[slot]) {
      value.close();
    }
    values[slot] = null;
  }
}
