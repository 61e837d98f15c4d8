package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.pixel_shuffle;
import static org.bytedeco.pytorch.global.torch.pixel_unshuffle;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.tensor.Torch;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorVector;

/** Operators that give values another shape, order or number of copies. */
final class LayoutKernels {
  private LayoutKernels() {}

  static Optional<Kernel> of(Operands in) {
    OnnxNode node = in.node();
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Reshape" -> Kernels.one(reshape(in));
      case "Flatten" -> Kernels.one(flatten(in));
      case "Transpose" -> Kernels.one(transpose(in));
      case "Concat" -> Kernels.one(concat(in));
      case "Squeeze" -> Kernels.one(squeeze(in));
      case "Unsqueeze" -> Kernels.one(unsqueeze(in));
      case "Shape" -> Kernels.one(shape(in));
      case "Size" -> {
        int x = in.slot(0);
        yield Kernels.one(frame -> whole(new long[] {frame.get(x).numel()}).reshape());
      }
      case "Split" -> Optional.of(split(in));
      case "Expand" -> Kernels.one(expand(in));
      case "Tile" -> {
        int x = in.slot(0);
        Function<Frame, long[]> times = longs(in, 1);
        yield Kernels.one(frame -> frame.get(x).repeat(times.apply(frame)));
      }
      case "ConstantOfShape" -> Kernels.one(constantOfShape(in));
      case "Range" -> Kernels.one(range(in));
      case "DepthToSpace" -> Kernels.one(depthToSpace(in));
      case "SpaceToDepth" -> Kernels.one(spaceToDepth(in));
      default -> Optional.empty();
    };
  }

  /** Whole numbers that are a constant, or are computed as the model runs. */
  static Function<Frame, long[]> longs(Operands in, int input) {
    Optional<long[]> known = in.constant(input).map(TensorValue::longs);
    if (known.isPresent()) {
      return _ -> known.get();
    }
    int slot = in.slot(input);
    return frame -> frame.longs(slot);
  }

  static Tensor whole(long[] values) {
    return Torch.scopedLongs(values);
  }

  private static Kernel.One reshape(Operands in) {
    boolean zeroIsZero = in.node().integer("allowzero", 0) != 0;
    Optional<long[]> attribute =
        in.node().has("shape") ? Optional.of(in.node().ints("shape")) : Optional.empty();
    int x = in.slot(0);
    Function<Frame, long[]> shape = attribute.isPresent() ? _ -> attribute.get() : longs(in, 1);
    return frame -> {
      Tensor value = frame.get(x);
      long[] target = shape.apply(frame).clone();
      for (int d = 0; d < target.length; d++) {
        if (target[d] == 0 && !zeroIsZero) {
          target[d] = value.size(d);
        }
      }
      return value.reshape(target);
    };
  }

  private static Kernel.One flatten(Operands in) {
    long axis = in.node().integer("axis", 1);
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      int from = Sizes.axis(axis, value);
      if (from == 1 && value.dim() > 1) {
        return value.flatten(1, -1);
      }
      long rows = 1;
      for (int d = 0; d < from; d++) {
        rows *= value.size(d);
      }
      return value.reshape(rows, -1);
    };
  }

  private static Kernel.One transpose(Operands in) {
    long[] order = in.node().ints("perm");
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      if (order.length > 0) {
        return value.permute(order);
      }
      long[] reversed = new long[(int) value.dim()];
      Arrays.setAll(reversed, d -> reversed.length - 1L - d);
      return value.permute(reversed);
    };
  }

  private static Kernel.One concat(Operands in) {
    long axis = in.node().integer("axis", 1);
    int[] slots = in.slots();
    return frame -> {
      Tensor[] parts = new Tensor[slots.length];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = frame.get(slots[i]);
      }
      return cat(new TensorArrayRef(new TensorVector(parts)), axis);
    };
  }

  private static Kernel.One squeeze(Operands in) {
    Optional<long[]> axes = in.longs("axes", 1);
    int x = in.slot(0);
    return axes.isEmpty()
        ? frame -> frame.get(x).squeeze()
        : frame -> frame.get(x).squeeze(axes.get());
  }

  private static Kernel.One unsqueeze(Operands in) {
    long[] axes = in.longs("axes", 1).orElseThrow(() -> in.missing(1));
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      int rank = (int) value.dim() + axes.length;
      for (long axis : Arrays.stream(axes).map(a -> Sizes.axis(a, rank)).sorted().toArray()) {
        value = value.unsqueeze(axis);
      }
      return value;
    };
  }

  private static Kernel.One shape(Operands in) {
    long start = in.node().integer("start", 0);
    long end = in.node().integer("end", Long.MAX_VALUE);
    int x = in.slot(0);
    return frame -> {
      long[] dims = Sizes.of(frame.get(x));
      return whole(Arrays.copyOfRange(dims, bounded(start, dims), bounded(end, dims)));
    };
  }

  private static int bounded(long position, long[] dims) {
    return (int) Math.clamp(position < 0 ? position + dims.length : position, 0L, dims.length);
  }

  private static Kernel split(Operands in) {
    long axis = in.node().integer("axis", 0);
    int parts = in.node().outputs().size();
    Optional<long[]> given = in.longs("split", 1);
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      long[] lengths = given.orElseGet(() -> even(value.size(axis), parts));
      Tensor[] results = new Tensor[parts];
      long from = 0;
      for (int i = 0; i < parts; i++) {
        results[i] = value.narrow(axis, from, lengths[i]);
        from += lengths[i];
      }
      return results;
    };
  }

  private static long[] even(long size, int parts) {
    long[] lengths = new long[parts];
    Arrays.fill(lengths, Math.ceilDiv(size, (long) parts));
    lengths[parts - 1] = size - (parts - 1) * lengths[0];
    return lengths;
  }

  private static Kernel.One expand(Operands in) {
    int x = in.slot(0);
    Function<Frame, long[]> shape = longs(in, 1);
    return frame -> {
      Tensor value = frame.get(x);
      long[] wanted = shape.apply(frame);
      int rank = Math.max(wanted.length, (int) value.dim());
      long[] target = new long[rank];
      for (int d = 0; d < rank; d++) {
        int mine = d - rank + wanted.length;
        int its = d - rank + (int) value.dim();
        target[d] = mine < 0 ? 1 : wanted[mine];
        target[d] = its >= 0 && target[d] == 1 ? value.size(its) : target[d];
      }
      return value.expand(target);
    };
  }

  private static Kernel.One constantOfShape(Operands in) {
    Optional<TensorValue> value = in.node().tensor("value");
    boolean real = value.map(TensorValue::type).orElse(ElementType.FLOAT).isFloating();
    double number = value.map(v -> (double) v.floats()[0]).orElse(0.0);
    Function<Frame, long[]> shape = longs(in, 0);
    return frame -> {
      Tensor one =
          real
              ? Torch.scopedFloats(new float[] {(float) number}, 1)
              : whole(new long[] {(long) number});
      long[] dims = shape.apply(frame);
      return dims.length == 0 ? one.reshape() : one.expand(dims).clone();
    };
  }

  private static Kernel.One range(Operands in) {
    int start = in.slot(0);
    int limit = in.slot(1);
    int delta = in.slot(2);
    return frame -> {
      Tensor first = frame.get(start);
      double from = first.item_double();
      double step = frame.get(delta).item_double();
      long count = Math.max(0, (long) Math.ceil((frame.get(limit).item_double() - from) / step));
      long[] index = new long[Math.toIntExact(count)];
      Arrays.setAll(index, i -> i);
      return whole(index)
          .to(first.scalar_type())
          .mul(new Scalar(step))
          .add(new Scalar(from))
          .to(first.scalar_type());
    };
  }

  private static Kernel.One depthToSpace(Operands in) {
    long block = in.node().integer("blocksize", 1);
    boolean columnsFirst = in.node().string("mode", "DCR").equals("CRD");
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      if (columnsFirst) {
        return pixel_shuffle(value, block);
      }
      long[] d = Sizes.of(value);
      return value
          .reshape(d[0], block, block, d[1] / (block * block), d[2], d[3])
          .permute(0, 3, 4, 1, 5, 2)
          .reshape(d[0], d[1] / (block * block), d[2] * block, d[3] * block);
    };
  }

  private static Kernel.One spaceToDepth(Operands in) {
    long block = in.node().integer("blocksize", 1);
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      long[] d = Sizes.of(value);
      return pixel_unshuffle(value, block)
          .reshape(d[0], d[1], block * block, d[2] / block, d[3] / block)
          .transpose(1, 2)
          .reshape(d[0], d[1] * block * block, d[2] / block, d[3] / block);
    };
  }
}
