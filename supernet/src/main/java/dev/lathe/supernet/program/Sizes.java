package dev.lathe.supernet.program;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Extents of tensors. */
final class Sizes {
  private Sizes() {}

  static long[] of(Tensor x) {
    long[] dims = new long[(int) x.dim()];
    Arrays.setAll(dims, x::size);
    return dims;
  }

  /** An axis counted from the first. */
  static int axis(long axis, Tensor x) {
    return axis(axis, (int) x.dim());
  }

  static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** All axes of a tensor, if none are named. */
  static long[] axes(long[] axes, Tensor x) {
    if (axes.length > 0) {
      return axes;
    }
    long[] all = new long[(int) x.dim()];
    Arrays.setAll(all, i -> i);
    return all;
  }

  static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
