package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.fake_quantize_per_channel_affine;
import static org.bytedeco.pytorch.global.torch.fake_quantize_per_tensor_affine;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.tensor.Torch;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/** Roundings onto a grid, and integer constants as the real numbers that they stand for. */
final class QuantizationKernels {
  private QuantizationKernels() {}

  static Optional<Kernel> of(Operands in) {
    return switch (in.node().opType()) {
      case "QuantizeLinear" -> Kernels.one(quantized(in));
      case "DequantizeLinear" -> Kernels.one(dequantized(in));
      default -> Optional.empty();
    };
  }

  private static long[] range(ElementType type) {
    return switch (type) {
      case INT4 -> new long[] {-8, 7};
      case UINT4 -> new long[] {0, 15};
      case INT8 -> new long[] {-128, 127};
      case UINT8 -> new long[] {0, 255};
      case INT16 -> new long[] {-32768, 32767};
      case UINT16 -> new long[] {0, 65535};
      case INT32 -> new long[] {-Integer.MAX_VALUE, Integer.MAX_VALUE};
      default -> throw new OnnxException("values of type %s have no grid.".formatted(type));
    };
  }

  private static Kernel.One quantized(Operands in) {
    float[] scales = in.known(1).floats();
    long[] range = range(in.has(2) ? in.known(2).type() : ElementType.UINT8);
    long[] zeros = in.has(2) ? in.known(2).longs() : new long[scales.length];
    int x = in.slot(0);
    if (scales.length == 1) {
      double scale = scales[0];
      long zero = zeros[0];
      return frame ->
          fake_quantize_per_tensor_affine(frame.get(x), scale, zero, range[0], range[1]);
    }
    long axis = in.node().integer("axis", 1);
    float[] points = new float[zeros.length];
    for (int i = 0; i < points.length; i++) {
      points[i] = zeros[i];
    }
    return frame -> {
      Tensor value = frame.get(x);
      return fake_quantize_per_channel_affine(
          value,
          Torch.scopedFloats(scales, scales.length),
          Torch.scopedFloats(points, points.length),
          Sizes.axis(axis, value),
          range[0],
          range[1]);
    };
  }

  /** Of integers that are constants: computed once. */
  private static Kernel.One dequantized(Operands in) {
    if (in.node().integer("block_size", 0) > 0) {
      throw in.unsupported("its scales are by blocks");
    }
    TensorValue integers = in.known(0);
    float[] scales = in.known(1).floats();
    long[] zeros = in.has(2) ? in.known(2).longs() : new long[scales.length];
    float[] real = new float[Math.toIntExact(integers.elements())];
    long[] stored = integers.longs();
    long inner = 1;
    if (scales.length > 1) {
      int axis = Sizes.axis(in.node().integer("axis", 1), integers.rank());
      for (int d = axis + 1; d < integers.rank(); d++) {
        inner *= integers.dim(d);
      }
    }
    for (int i = 0; i < real.length; i++) {
      int channel = (int) (i / inner % scales.length);
      real[i] = (stored[i] - zeros[channel]) * scales[channel];
    }
    return _ -> Torch.scopedFloats(real, integers.dims());
  }
}
