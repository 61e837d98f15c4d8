package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.avg_pool1d;
import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.avg_pool3d;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.convolution;
import static org.bytedeco.pytorch.global.torch.max_pool1d;
import static org.bytedeco.pytorch.global.torch.max_pool2d;
import static org.bytedeco.pytorch.global.torch.max_pool3d;

import dev.lathe.onnx.OnnxNode;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/** Operators that slide a window over the dimensions after the second, [n, c, spatial…]. */
final class WindowKernels {
  private WindowKernels() {}

  static Optional<Kernel> of(Operands in) {
    if (!in.node().domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (in.node().opType()) {
      case "Conv" -> Kernels.one(convolve(in));
      case "ConvTranspose" -> Kernels.one(transposed(in));
      case "MaxPool", "AveragePool", "LpPool" -> Kernels.one(pool(in));
      case "GlobalAveragePool" -> Kernels.one(spatial(in, (x, axes) -> x.mean(axes, true, none())));
      case "GlobalMaxPool" -> Kernels.one(spatial(in, (x, axes) -> x.amax(axes, true)));
      default -> Optional.empty();
    };
  }

  private static ScalarTypeOptional none() {
    return new ScalarTypeOptional();
  }

  /** A reduction over the dimensions after the second. */
  private interface Spatial {
    Tensor apply(Tensor x, long[] axes);
  }

  private static Kernel.One spatial(Operands in, Spatial reduction) {
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      return reduction.apply(value, IntStream.range(2, (int) value.dim()).asLongStream().toArray());
    };
  }

  /**
   * A window's steps.
   *
   * @param pads as the node has them: those before, then those after; empty where the size of the
   *     input decides
   */
  private record Window(
      long[] kernel, long[] stride, long[] dilation, Optional<long[]> pads, boolean upper) {
    static Window of(OnnxNode node, long[] kernel) {
      int rank = kernel.length;
      String mode = node.string("auto_pad", "NOTSET");
      Optional<long[]> pads =
          mode.startsWith("SAME")
              ? Optional.empty()
              : Optional.of(
                  mode.equals("VALID")
                      ? new long[2 * rank]
                      : node.ints("pads", new long[2 * rank]));
      return new Window(
          kernel,
          node.ints("strides", Sizes.ones(rank)),
          node.ints("dilations", Sizes.ones(rank)),
          pads,
          mode.equals("SAME_UPPER"));
    }

    int rank() {
      return kernel.length;
    }

    boolean fixedAndEven() {
      return pads.isPresent() && even(pads.get());
    }

    boolean even(long[] pads) {
      return Arrays.equals(
          Arrays.copyOf(pads, rank()), Arrays.copyOfRange(pads, rank(), 2 * rank()));
    }

    long[] before(long[] pads) {
      return Arrays.copyOf(pads, rank());
    }

    long[] pads(Tensor x) {
      if (pads.isPresent()) {
        return pads.get();
      }
      long[] same = new long[2 * rank()];
      for (int d = 0; d < rank(); d++) {
        long size = x.size(d + 2);
        long outputs = Math.ceilDiv(size, stride[d]);
        long reach = (kernel[d] - 1) * dilation[d] + 1;
        long total = Math.max(0, (outputs - 1) * stride[d] + reach - size);
        same[d] = upper ? total / 2 : total - total / 2;
        same[d + rank()] = total - same[d];
      }
      return same;
    }

    /** The input with its padding written out. */
    Tensor padded(Tensor x, long[] pads, double value) {
      long[] order = new long[2 * rank()];
      for (int d = 0; d < rank(); d++) {
        // libtorch names the last dimension first
        order[2 * (rank() - 1 - d)] = pads[d];
        order[2 * (rank() - 1 - d) + 1] = pads[d + rank()];
      }
      return constant_pad_nd(x, order, new Scalar(value));
    }
  }

  static Kernel.One convolve(Operands in) {
    return windowed(in, WindowKernels::convolve);
  }

  private static Kernel.One transposed(Operands in) {
    return windowed(in, WindowKernels::transposed);
  }

  private interface Windowed {
    Kernel.One with(Window window, Operands in);
  }

  /** A kernel whose window may be known only when its weights, which are computed, are there. */
  private static Kernel.One windowed(Operands in, Windowed kernel) {
    OnnxNode node = in.node();
    if (node.has("kernel_shape")) {
      return kernel.with(Window.of(node, node.ints("kernel_shape")), in);
    }
    Optional<long[]> dims = in.dims(1);
    if (dims.isPresent()) {
      return kernel.with(Window.of(node, Arrays.copyOfRange(dims.get(), 2, dims.get().length)), in);
    }
    in.slots();
    int weight = in.slot(1);
    return frame -> {
      long[] now = Sizes.of(frame.get(weight));
      return kernel
          .with(Window.of(node, Arrays.copyOfRange(now, 2, now.length)), in)
          .compute(frame);
    };
  }

  private static Kernel.One convolve(Window window, Operands in) {
    long groups = in.node().integer("group", 1);
    int x = in.slot(0);
    int weight = in.slot(1);
    int bias = in.optional(2);
    long[] none = new long[window.rank()];
    if (window.fixedAndEven()) {
      long[] padding = window.before(window.pads().orElseThrow());
      return frame ->
          convolution(
              frame.factor(x),
              frame.factor(weight),
              frame.optionalFactor(bias),
              window.stride(),
              padding,
              window.dilation(),
              false,
              none,
              groups);
    }
    return frame -> {
      Tensor value = frame.factor(x);
      return convolution(
          window.padded(value, window.pads(value), 0),
          frame.factor(weight),
          frame.optionalFactor(bias),
          window.stride(),
          none,
          window.dilation(),
          false,
          none,
          groups);
    };
  }

  private static Kernel.One transposed(Window window, Operands in) {
    OnnxNode node = in.node();
    if (!window.fixedAndEven() || node.has("output_shape")) {
      throw in.unsupported("its padding is uneven");
    }
    long[] padding = window.before(window.pads().orElseThrow());
    long[] extra = node.ints("output_padding", new long[window.rank()]);
    long groups = node.integer("group", 1);
    int x = in.slot(0);
    int weight = in.slot(1);
    int bias = in.optional(2);
    return frame ->
        convolution(
            frame.get(x),
            frame.get(weight),
            frame.optional(bias),
            window.stride(),
            padding,
            window.dilation(),
            true,
            extra,
            groups);
  }

  private static Kernel.One pool(Operands in) {
    OnnxNode node = in.node();
    Window window = Window.of(node, node.ints("kernel_shape"));
    boolean ceiling = node.integer("ceil_mode", 0) != 0;
    int x = in.slot(0);
    UnaryOperator<Tensor> whole =
        switch (node.opType()) {
          case "MaxPool" -> {
            // what a padding of minus infinity would do, without its gradient
            yield value -> maximum(window, ceiling, value);
          }
          case "AveragePool" -> {
            boolean counted = node.integer("count_include_pad", 0) != 0;
            if (Arrays.stream(window.dilation()).anyMatch(d -> d != 1)) {
              throw in.unsupported("it is dilated");
            }
            yield value -> average(in, window, ceiling, counted, value);
          }
          default -> {
            long p = node.integer("p", 2);
            double count = Arrays.stream(window.kernel()).reduce(1, Math::multiplyExact);
            yield value ->
                average(in, window, ceiling, true, value.abs().pow(new Scalar((double) p)))
                    .mul(new Scalar(count))
                    .pow(new Scalar(1.0 / p));
          }
        };
    return frame -> whole.apply(frame.get(x));
  }

  private static Tensor maximum(Window window, boolean ceiling, Tensor value) {
    long[] pads = window.pads(value);
    boolean even = window.even(pads);
    Tensor x = even ? value : window.padded(value, pads, Double.NEGATIVE_INFINITY);
    long[] padding = even ? window.before(pads) : new long[window.rank()];
    long[] kernel = window.kernel();
    return switch (window.rank()) {
      case 1 -> max_pool1d(x, kernel, window.stride(), padding, window.dilation(), ceiling);
      case 2 -> max_pool2d(x, kernel, window.stride(), padding, window.dilation(), ceiling);
      default -> max_pool3d(x, kernel, window.stride(), padding, window.dilation(), ceiling);
    };
  }

  private static Tensor average(
      Operands in, Window window, boolean ceiling, boolean counted, Tensor value) {
    long[] pads = window.pads(value);
    boolean even = window.even(pads);
    if (!even && !counted) {
      throw in.unsupported("its padding is uneven");
    }
    Tensor x = even ? value : window.padded(value, pads, 0);
    long[] padding = even ? window.before(pads) : new long[window.rank()];
    long[] kernel = window.kernel();
    return switch (window.rank()) {
      case 1 -> avg_pool1d(x, kernel, window.stride(), padding, ceiling, counted);
      case 2 ->
          avg_pool2d(x, kernel, window.stride(), padding, ceiling, counted, new LongOptional());
      default ->
          avg_pool3d(x, kernel, window.stride(), padding, ceiling, counted, new LongOptional());
    };
  }
}
