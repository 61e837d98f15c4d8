package dev.lathe.onnx;

import java.util.Arrays;
import java.util.List;

/** Shapes of convolutions and pools: a window slides over the dimensions after the second. */
final class WindowShapes {
  private WindowShapes() {}

  /**
   * A convolution of input {@code x} with weights [out, in / group, kernel…] at input {@code w}.
   *
   * @param bias the input that has it, negative where the operator has none
   */
  static List<TensorType> convolution(Operands in, int x, int w, int bias, ElementType result) {
    long[] data = in.dims(x);
    long[] weight = in.dims(w);
    if (data.length < 3 || weight.length != data.length) {
      throw new OnnxException(
          "input %s and weights %s do not fit together."
              .formatted(Arrays.toString(data), Arrays.toString(weight)));
    }
    long group = in.node().integer("group", 1);
    if (group < 1 || data[1] != weight[1] * group || weight[0] % group != 0) {
      throw new OnnxException(
          "%d input channels do not fit weights %s in %d groups."
              .formatted(data[1], Arrays.toString(weight), group));
    }
    checkBias(in, bias, weight[0]);
    long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
    long[] out = slide(in.node(), data, in.node().ints("kernel_shape", kernel));
    out[1] = weight[0];
    return List.of(new TensorType(result, out));
  }

  /** ONNX Runtime reads beyond the end of a bias that is too short. */
  private static void checkBias(Operands in, int input, long channels) {
    if (input >= 0 && in.has(input) && !Arrays.equals(in.dims(input), new long[] {channels})) {
      throw new OnnxException(
          "bias %s does not fit %d output channels.".formatted(in.type(input), channels));
    }
  }

  static List<TensorType> pool(Operands in) {
    long[] data = in.dims(0);
    if (data.length < 3) {
      throw new OnnxException("a pool takes at least 3 dimensions, not " + in.type(0) + ".");
    }
    TensorType out =
        new TensorType(in.type(0).type(), slide(in.node(), data, in.node().ints("kernel_shape")));
    return List.of(out, new TensorType(ElementType.INT64, out.dims()));
  }

  private static long[] slide(OnnxNode node, long[] data, long[] kernel) {
    int spatial = data.length - 2;
    long[] strides = node.ints("strides", ones(spatial));
    long[] dilations = node.ints("dilations", ones(spatial));
    long[] pads = node.ints("pads", new long[2 * spatial]);
    String auto = node.string("auto_pad", "NOTSET");
    if (kernel.length != spatial
        || strides.length != spatial
        || dilations.length != spatial
        || pads.length != 2 * spatial) {
      throw new OnnxException(
          "kernel_shape, strides, dilations or pads are not of %d dimensions.".formatted(spatial));
    }
    long[] out = data.clone();
    for (int i = 0; i < spatial; i++) {
      if (strides[i] < 1 || kernel[i] < 1 || dilations[i] < 1) {
        throw new OnnxException("kernel, strides and dilations must be at least 1.");
      }
      long window = dilations[i] * (kernel[i] - 1) + 1;
      long size = data[i + 2];
      if (auto.startsWith("SAME")) {
        out[i + 2] = Math.ceilDiv(size, strides[i]);
        continue;
      }
      long padding = auto.equals("VALID") ? 0 : pads[i] + pads[i + spatial];
      long room = size + padding - window;
      if (room < 0) {
        throw new OnnxException(
            "a window of %d does not fit into %d + %d padding.".formatted(window, size, padding));
      }
      boolean ceil = node.integer("ceil_mode", 0) != 0;
      long steps = ceil ? Math.ceilDiv(room, strides[i]) : room / strides[i];
      if (ceil && steps * strides[i] >= size + pads[i]) {
        steps--;
      }
      out[i + 2] = steps + 1;
    }
    return out;
  }

  static List<TensorType> transposed(Operands in) {
    OnnxNode node = in.node();
    long[] data = in.dims(0);
    long[] weight = in.dims(1);
    int spatial = data.length - 2;
    if (spatial < 1 || weight.length != data.length || data[1] != weight[0]) {
      throw new OnnxException(
          "input %s and weights %s do not fit together."
              .formatted(Arrays.toString(data), Arrays.toString(weight)));
    }
    long[] strides = node.ints("strides", ones(spatial));
    long[] dilations = node.ints("dilations", ones(spatial));
    long[] pads = node.ints("pads", new long[2 * spatial]);
    long[] extra = node.ints("output_padding", new long[spatial]);
    long[] fixed = node.ints("output_shape");
    long[] out = data.clone();
    out[1] = weight[1] * node.integer("group", 1);
    checkBias(in, 2, out[1]);
    for (int i = 0; i < spatial; i++) {
      long window = dilations[i] * (weight[i + 2] - 1) + 1;
      if (fixed.length == spatial) {
        out[i + 2] = fixed[i];
      } else if (node.string("auto_pad", "NOTSET").startsWith("SAME")) {
        out[i + 2] = data[i + 2] * strides[i];
      } else {
        out[i + 2] =
            strides[i] * (data[i + 2] - 1) + extra[i] + window - pads[i] - pads[i + spatial];
      }
    }
    return in.likeFirst(out);
  }

  private static long[] ones(int count) {
    long[] ones = new long[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
