package dev.lathe.space.elastic;

import dev.lathe.onnx.TensorValue;

/** Entries of one dimension of a constant. */
final class Entries {
  private Entries() {}

  /** The tensor with only some entries of an axis, in the order given. */
  static TensorValue select(TensorValue tensor, int axis, int[] entries) {
    long[] dims = tensor.dims();
    int inner = 1;
    for (int i = axis + 1; i < dims.length; i++) {
      inner = Math.multiplyExact(inner, (int) dims[i]);
    }
    int before = (int) dims[axis];
    float[] values = tensor.floats();
    int outer = values.length / Math.max(1, before * inner);
    float[] kept = new float[outer * entries.length * inner];
    for (int o = 0; o < outer; o++) {
      for (int e = 0; e < entries.length; e++) {
        System.arraycopy(
            values,
            (o * before + entries[e]) * inner,
            kept,
            (o * entries.length + e) * inner,
            inner);
      }
    }
    dims[axis] = entries.length;
    return TensorValue.floats(tensor.name(), kept, dims);
  }
}
