package dev.lathe.onnx;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.LongBinaryOperator;

/** Computes small integer tensors, from which models build shapes. */
final class IntegerRules {
  private IntegerRules() {}

  /** The elements of the node's first result, of type and shape {@code out}, where computable. */
  static Optional<long[]> compute(Operands in, TensorType out) {
    OnnxNode node = in.node();
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Shape" -> {
        long[] dims = in.dims(0);
        int from = ShapeRules.bounded(node.integer("start", 0), dims.length);
        yield Optional.of(Arrays.copyOfRange(dims, from, from + (int) out.elements()));
      }
      case "Size" -> Optional.of(new long[] {in.type(0).elements()});
      case "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten" -> in.integers(0);
      case "Cast" -> out.type().isFloating() ? Optional.empty() : in.integers(0);
      case "Gather" -> in.type(0).rank() == 1 ? gather(in) : Optional.empty();
      case "Concat" -> in.type(0).rank() == 1 ? concat(in, out) : Optional.empty();
      case "Slice" -> in.type(0).rank() == 1 ? slice(in, out) : Optional.empty();
      case "Expand" -> binary(in, out, (a, b) -> a, true);
      case "Add" -> binary(in, out, Math::addExact, false);
      case "Sub" -> binary(in, out, Math::subtractExact, false);
      case "Mul" -> binary(in, out, Math::multiplyExact, false);
      case "Div" -> binary(in, out, (a, b) -> a / b, false);
      case "Mod" -> binary(in, out, Math::floorMod, false);
      case "Min" -> in.count() == 2 ? binary(in, out, Math::min, false) : Optional.empty();
      case "Max" -> in.count() == 2 ? binary(in, out, Math::max, false) : Optional.empty();
      case "Equal" -> binary(in, out, (a, b) -> a == b ? 1 : 0, false);
      case "Where" -> where(in, out);
      case "Range" -> range(in, out);
      case "ConstantOfShape" -> {
        if (out.type() != ElementType.INT64 && out.type() != ElementType.INT32) {
          yield Optional.empty();
        }
        long[] values = new long[(int) out.elements()];
        Arrays.fill(values, node.tensor("value").map(value -> value.longs()[0]).orElse(0L));
        yield Optional.of(values);
      }
      case "ReduceProd" ->
          in.integers(0)
              .filter(values -> out.elements() == 1)
              .map(values -> new long[] {Arrays.stream(values).reduce(1, Math::multiplyExact)});
      default -> Optional.empty();
    };
  }

  private static Optional<long[]> gather(Operands in) {
    return in.integers(0)
        .flatMap(
            data ->
                in.integers(1)
                    .map(
                        indices -> {
                          long[] out = new long[indices.length];
                          for (int i = 0; i < out.length; i++) {
                            out[i] = data[Operands.axis(indices[i], data.length)];
                          }
                          return out;
                        }));
  }

  private static Optional<long[]> concat(Operands in, TensorType out) {
    long[] joined = new long[(int) out.elements()];
    int at = 0;
    for (int i = 0; i < in.count(); i++) {
      Optional<long[]> part = in.integers(i);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      System.arraycopy(part.get(), 0, joined, at, part.get().length);
      at += part.get().length;
    }
    return Optional.of(joined);
  }

  private static Optional<long[]> slice(Operands in, TensorType out) {
    Optional<long[]> data = in.integers(0);
    if (data.isEmpty()) {
      return Optional.empty();
    }
    long start = in.integers("starts", 1).orElseThrow()[0];
    long end = in.integers("ends", 2).orElseThrow()[0];
    long step = in.integers(4).map(steps -> steps[0]).orElse(1L);
    LayoutShapes.Range range = LayoutShapes.Range.of(start, end, step, data.get().length);
    long[] values = new long[(int) out.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = data.get()[(int) (range.start() + i * range.step())];
    }
    return Optional.of(values);
  }

  private static Optional<long[]> range(Operands in, TensorType out) {
    if (in.integers(0).isEmpty() || in.integers(2).isEmpty()) {
      return Optional.empty();
    }
    long start = in.integers(0).get()[0];
    long delta = in.integers(2).get()[0];
    long[] values = new long[(int) out.elements()];
    Arrays.setAll(values, i -> start + i * delta);
    return Optional.of(values);
  }

  private static Optional<long[]> where(Operands in, TensorType out) {
    Optional<long[]> condition = in.integers(0);
    Optional<long[]> yes = in.integers(1);
    Optional<long[]> no = in.integers(2);
    if (condition.isEmpty() || yes.isEmpty() || no.isEmpty()) {
      return Optional.empty();
    }
    long[] values = new long[(int) out.elements()];
    for (int i = 0; i < values.length; i++) {
      boolean chosen = condition.get()[index(i, in.dims(0), out.dims())] != 0;
      values[i] =
          chosen
              ? yes.get()[index(i, in.dims(1), out.dims())]
              : no.get()[index(i, in.dims(2), out.dims())];
    }
    return Optional.of(values);
  }

  private static Optional<long[]> binary(
      Operands in, TensorType out, LongBinaryOperator operator, boolean leftOnly) {
    Optional<long[]> left = in.integers(0);
    Optional<long[]> right = leftOnly ? left : in.integers(1);
    if (left.isEmpty() || right.isEmpty() || out.type().isFloating()) {
      return Optional.empty();
    }
    long[] rightDims = in.dims(leftOnly ? 0 : 1);
    long[] values = new long[(int) out.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          operator.applyAsLong(
              left.get()[index(i, in.dims(0), out.dims())],
              right.get()[index(i, rightDims, out.dims())]);
    }
    return Optional.of(values);
  }

  /** Where element {@code position} of a result of shape {@code out} comes from in {@code dims}. */
  private static int index(int position, long[] dims, long[] out) {
    int index = 0;
    int stride = 1;
    int rest = position;
    for (int i = out.length - 1; i >= 0; i--) {
      int at = (int) (rest % out[i]);
      rest = (int) (rest / out[i]);
      int axis = i - out.length + dims.length;
      if (axis >= 0) {
        index += dims[axis] == 1 ? 0 : at * stride;
        stride *= (int) dims[axis];
      }
    }
    return index;
  }
}
