package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;
import static org.bytedeco.pytorch.global.torch.conv_transpose2d;
import static org.bytedeco.pytorch.global.torch.max_pool2d;

import dev.lathe.onnx.OnnxNode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Operators that slide a window over images, [n, c, h, w]. */
final class Windows {
  Tensor compute(OnnxNode node, Tensor x, TensorOptional weight, TensorOptional bias) {
    if (x.dim() != 4) {
      throw OnnxInterpreter.unsupported(
          node, "its input has %d dimensions instead of 4".formatted(x.dim()));
    }
    long[] stride = node.ints("strides", 1, 1);
    long[] dilation = node.ints("dilations", 1, 1);
    return switch (node.opType()) {
      case "Conv" -> {
        Tensor w = weight.get();
        long[] kernel = {w.size(2), w.size(3)};
        long[] pads = pads(node, x, kernel, stride, dilation);
        boolean even = pads[0] == pads[2] && pads[1] == pads[3];
        Tensor padded = even ? x : padded(x, pads, 0);
        long[] padding = even ? new long[] {pads[0], pads[1]} : new long[] {0, 0};
        yield conv2d(padded, w, bias, stride, padding, dilation, node.integer("group", 1));
      }
      case "ConvTranspose" -> {
        long[] pads = node.ints("pads", 0, 0, 0, 0);
        if (pads[0] != pads[2] || pads[1] != pads[3] || node.has("output_shape")) {
          throw OnnxInterpreter.unsupported(node, "its padding is uneven");
        }
        yield conv_transpose2d(
            x,
            weight.get(),
            bias,
            stride,
            new long[] {pads[0], pads[1]},
            node.ints("output_padding", 0, 0),
            node.integer("group", 1),
            dilation);
      }
      default -> pool(node, x, stride, dilation);
    };
  }

  private static Tensor pool(OnnxNode node, Tensor x, long[] stride, long[] dilation) {
    long[] kernel = node.ints("kernel_shape");
    long[] pads = pads(node, x, kernel, stride, dilation);
    boolean even = pads[0] == pads[2] && pads[1] == pads[3];
    boolean ceiling = node.integer("ceil_mode", 0) == 1;
    long[] padding = {pads[0], pads[1]};
    if (node.is("MaxPool")) {
      Tensor padded = even ? x : padded(x, pads, -Float.MAX_VALUE);
      return max_pool2d(
          padded, kernel, stride, even ? padding : new long[] {0, 0}, dilation, ceiling);
    }
    if (!even) {
      throw OnnxInterpreter.unsupported(node, "its padding is uneven");
    }
    boolean counted = node.integer("count_include_pad", 0) == 1;
    return avg_pool2d(x, kernel, stride, padding, ceiling, counted, new LongOptional());
  }

  private static Tensor padded(Tensor x, long[] pads, double value) {
    // libtorch names the last dimension first
    return constant_pad_nd(x, new long[] {pads[1], pads[3], pads[0], pads[2]}, new Scalar(value));
  }

  /** Top, left, bottom, right. */
  private static long[] pads(
      OnnxNode node, Tensor x, long[] kernel, long[] stride, long[] dilation) {
    String mode = node.string("auto_pad", "NOTSET");
    if (!mode.startsWith("SAME")) {
      return mode.equals("VALID") ? new long[4] : node.ints("pads", 0, 0, 0, 0);
    }
    long[] pads = new long[4];
    for (int d = 0; d < 2; d++) {
      long size = x.size(d + 2);
      long outputs = Math.ceilDiv(size, stride[d]);
      long reach = (kernel[d] - 1) * dilation[d] + 1;
      long total = Math.max(0, (outputs - 1) * stride[d] + reach - size);
      long less = total / 2;
      pads[d] = mode.equals("SAME_UPPER") ? less : total - less;
      pads[d + 2] = total - pads[d];
    }
    return pads;
  }
}
