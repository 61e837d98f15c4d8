package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a Slice takes of one axis.
 *
 * @param start first entry
 * @param step between entries
 */
record Range(int start, int step) {
  /** Empty where it is computed. */
  static Optional<Range> of(OnnxNode node, int axis, TensorType type, AxisTrace trace) {
    Optional<long[]> starts = trace.integers(node, "starts", 1);
    Optional<long[]> steps =
        node.input(4).isPresent() ? trace.integers(node, "steps", 4) : Optional.of(new long[0]);
    Optional<long[]> axes = trace.integers(node, "axes", 3);
    if (starts.isEmpty() || steps.isEmpty() || node.input(3).isPresent() && axes.isEmpty()) {
      return Optional.empty();
    }
    long[] all = new long[starts.get().length];
    Arrays.setAll(all, i -> i);
    long[] named = axes.orElse(all);
    for (int i = 0; i < named.length; i++) {
      if (AxisTrace.axis(named[i], type.rank()) == axis) {
        long start = starts.get()[i];
        int first = (int) Math.clamp(start < 0 ? start + type.dim(axis) : start, 0, type.dim(axis));
        return Optional.of(new Range(first, steps.get().length == 0 ? 1 : (int) steps.get()[i]));
      }
    }
    return Optional.of(new Range(0, 1));
  }
}
