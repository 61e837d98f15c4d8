package dev.lathe.compress.channel;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;

/**
 * Where the channels of a group lie in a constant.
 *
 * @param constant name of the initializer
 * @param axis dimension that counts the channels
 * @param block consecutive entries of that dimension that belong to one channel: 1, or the pixels
 *     of a channel after Flatten
 */
public record Slot(String constant, int axis, int block) {
  /** Keeps some channels, in a new order, in place. */
  void select(OnnxGraph graph, int[] channels) {
    TensorValue tensor = graph.initializer(constant).orElseThrow();
    long[] dims = tensor.dims();
    int inner = block;
    for (int i = axis + 1; i < dims.length; i++) {
      inner = Math.multiplyExact(inner, (int) dims[i]);
    }
    int before = (int) dims[axis] / block;
    float[] values = tensor.floats();
    int outer = values.length / (before * inner);
    float[] kept = new float[outer * channels.length * inner];
    for (int o = 0; o < outer; o++) {
      for (int c = 0; c < channels.length; c++) {
        System.arraycopy(
            values,
            (o * before + channels[c]) * inner,
            kept,
            (o * channels.length + c) * inner,
            inner);
      }
    }
    dims[axis] = (long) channels.length * block;
    graph.addInitializer(TensorValue.floats(constant, kept, dims));
  }
}
