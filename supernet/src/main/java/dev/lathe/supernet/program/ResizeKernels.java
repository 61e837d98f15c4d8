package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.upsample_bilinear2d;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Padding, and images made larger or smaller. */
final class ResizeKernels {
  private ResizeKernels() {}

  static Optional<Kernel> of(Operands in) {
    if (!in.node().domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (in.node().opType()) {
      case "Pad" -> Kernels.one(pad(in));
      case "Resize", "Upsample" -> Kernels.one(resize(in));
      default -> Optional.empty();
    };
  }

  private static Kernel.One pad(Operands in) {
    OnnxNode node = in.node();
    String mode = node.string("mode", "constant");
    Optional<long[]> attribute =
        node.has("pads") ? Optional.of(node.ints("pads")) : Optional.empty();
    Optional<long[]> axes = in.has(3) ? Optional.of(in.known(3).longs()) : Optional.empty();
    double value = in.number("value", 2, 0);
    int x = in.slot(0);
    Function<Frame, long[]> pads =
        attribute.isPresent() ? _ -> attribute.get() : LayoutKernels.longs(in, 1);
    if (!mode.equals("constant") && !mode.equals("reflect") && !mode.equals("edge")) {
      throw in.unsupported("its mode '%s' is not known".formatted(mode));
    }
    return frame -> {
      Tensor image = frame.get(x);
      long[] order = order(image, pads.apply(frame), axes);
      if (mode.equals("constant")) {
        return constant_pad_nd(image, order, new Scalar(value));
      }
      int used = order.length;
      while (used > 2 && order[used - 1] == 0 && order[used - 2] == 0) {
        used -= 2;
      }
      return org.bytedeco.pytorch.global.torch.pad(
          image,
          Arrays.copyOf(order, used),
          mode.equals("edge") ? "replicate" : mode,
          new DoubleOptional());
    };
  }

  /** Paddings as libtorch has them: before and after, the last dimension first. */
  private static long[] order(Tensor x, long[] pads, Optional<long[]> axes) {
    int rank = (int) x.dim();
    int half = pads.length / 2;
    long[] order = new long[2 * rank];
    for (int i = 0; i < half; i++) {
      int axis = axes.isPresent() ? Sizes.axis(axes.get()[i], rank) : i;
      order[2 * (rank - 1 - axis)] = pads[i];
      order[2 * (rank - 1 - axis) + 1] = pads[i + half];
    }
    return order;
  }

  private static Kernel.One resize(Operands in) {
    OnnxNode node = in.node();
    String mode = node.string("mode", "nearest");
    boolean old = node.is("Upsample") || in.opset() < 11;
    String place = node.string("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
    if (node.has("axes")) {
      throw in.unsupported("it names axes");
    }
    int x = in.slot(0);
    Function<Frame, long[]> size = size(in, old, x);
    if (mode.equals("nearest")) {
      boolean floor =
          place.equals("asymmetric")
              && (old || node.string("nearest_mode", "round_prefer_floor").equals("floor"));
      return frame -> {
        Tensor image = frame.get(x);
        long[] wanted = size.apply(frame);
        if (image.dim() != 4
            || !floor && (wanted[0] % image.size(2) != 0 || wanted[1] % image.size(3) != 0)) {
          throw in.unsupported("it does not enlarge an image by whole numbers");
        }
        return upsample_nearest2d(image, wanted);
      };
    }
    boolean corners = place.equals("align_corners");
    if (!mode.equals("linear") || !corners && !place.endsWith("half_pixel")) {
      throw in.unsupported("its mode '%s' of '%s' is not known".formatted(mode, place));
    }
    return frame -> {
      Tensor image = frame.get(x);
      if (image.dim() != 4) {
        throw in.unsupported("its input is no image");
      }
      return upsample_bilinear2d(
          image, size.apply(frame), corners, new DoubleOptional(), new DoubleOptional());
    };
  }

  private static Function<Frame, long[]> size(Operands in, boolean old, int x) {
    OnnxNode node = in.node();
    if (!old && in.has(3)) {
      Function<Frame, long[]> sizes = LayoutKernels.longs(in, 3);
      return frame -> Arrays.copyOfRange(sizes.apply(frame), 2, 4);
    }
    int input = old ? 1 : 2;
    float[] scales =
        node.has("scales")
            ? node.floats("scales")
            : in.constant(input)
                .map(TensorValue::floats)
                .orElseThrow(() -> in.unsupported("its scales are no constant"));
    if (scales.length != 4 || scales[0] != 1 || scales[1] != 1) {
      throw in.unsupported("it resizes more than height and width");
    }
    return frame -> {
      Tensor image = frame.get(x);
      return new long[] {
        (long) Math.floor(image.size(2) * (double) scales[2]),
        (long) Math.floor(image.size(3) * (double) scales[3])
      };
    };
  }
}
