package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.where;

import dev.lathe.onnx.OnnxNode;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Operators that pick elements by position, or put them there. */
final class SelectionKernels {
  private SelectionKernels() {}

  static Optional<Kernel> of(Operands in) {
    OnnxNode node = in.node();
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Slice" -> Kernels.one(slice(in));
      case "Gather" -> Kernels.one(gather(in));
      case "GatherElements" -> {
        long axis = node.integer("axis", 0);
        int x = in.slot(0);
        int indices = in.slot(1);
        yield Kernels.one(
            frame -> {
              Tensor value = frame.get(x);
              Tensor places = positive(frame.get(indices), value.size(axis));
              return value.gather(Sizes.axis(axis, value), places);
            });
      }
      case "GatherND" -> Kernels.one(gatherNd(in));
      case "ScatterElements" -> Kernels.one(scatter(in));
      case "ScatterND" -> Kernels.one(scatterNd(in));
      case "OneHot" -> Kernels.one(oneHot(in));
      case "Trilu" -> {
        boolean upper = node.integer("upper", 1) != 0;
        long k = in.has(1) ? in.known(1).longs()[0] : 0;
        int x = in.slot(0);
        yield Kernels.one(frame -> upper ? frame.get(x).triu(k) : frame.get(x).tril(k));
      }
      case "CumSum" -> Kernels.one(running(in));
      default -> Optional.empty();
    };
  }

  private static Tensor positive(Tensor indices, long size) {
    return where(indices.lt(new Scalar(0)), indices.add(new Scalar(size)), indices);
  }

  private static Kernel.One slice(Operands in) {
    OnnxNode node = in.node();
    Optional<long[]> axes = in.longs("axes", 3);
    Optional<long[]> steps = in.has(4) ? Optional.of(in.known(4).longs()) : Optional.empty();
    boolean attributes = node.has("starts");
    int x = in.slot(0);
    Function<Frame, long[]> starts =
        attributes ? _ -> node.ints("starts") : LayoutKernels.longs(in, 1);
    Function<Frame, long[]> ends = attributes ? _ -> node.ints("ends") : LayoutKernels.longs(in, 2);
    return frame -> {
      Tensor value = frame.get(x);
      long[] from = starts.apply(frame);
      long[] to = ends.apply(frame);
      for (int i = 0; i < from.length; i++) {
        int axis = axes.isPresent() ? Sizes.axis(axes.get()[i], value) : i;
        value = cut(value, axis, from[i], to[i], steps.isPresent() ? steps.get()[i] : 1);
      }
      return value;
    };
  }

  private static Tensor cut(Tensor value, int axis, long from, long to, long step) {
    if (step > 0) {
      return value.slice(axis, new LongOptional(from), new LongOptional(to), step);
    }
    long size = value.size(axis);
    long first = Math.clamp(from < 0 ? from + size : from, 0, size - 1);
    long end = Math.clamp(to < 0 ? Math.max(to, -size - 1) + size : to, -1, size);
    long[] places = new long[(int) Math.max(0, Math.ceilDiv(first - end, -step))];
    Arrays.setAll(places, i -> first + i * step);
    return value.index_select(axis, LayoutKernels.whole(places));
  }

  private static Kernel.One gather(Operands in) {
    long axis = in.node().integer("axis", 0);
    int x = in.slot(0);
    Optional<long[]> scalar =
        in.constant(1).filter(c -> c.rank() == 0).map(dev.lathe.onnx.TensorValue::longs);
    if (scalar.isPresent()) {
      long index = scalar.get()[0];
      return frame -> frame.get(x).select(axis, index);
    }
    int indices = in.slot(1);
    return frame -> {
      Tensor value = frame.get(x);
      int from = Sizes.axis(axis, value);
      Tensor places = frame.get(indices);
      Tensor flat = positive(places.reshape(-1), value.size(from));
      long[] dims = Sizes.of(value);
      long[] middle = Sizes.of(places);
      long[] out = Arrays.copyOf(dims, dims.length - 1 + middle.length);
      System.arraycopy(middle, 0, out, from, middle.length);
      System.arraycopy(dims, from + 1, out, from + middle.length, dims.length - from - 1);
      return value.index_select(from, flat).reshape(out);
    };
  }

  /** Positions of rows in a tensor whose first dimensions are taken as one. */
  private static Tensor rows(Tensor indices, long[] dims, int depth) {
    Tensor row = null;
    for (int d = 0; d < depth; d++) {
      Tensor at = positive(indices.select(-1, d), dims[d]);
      row = row == null ? at : row.mul(new Scalar(dims[d])).add(at);
    }
    if (row == null) {
      throw new IllegalStateException("no indices");
    }
    return row.reshape(-1);
  }

  private static Tensor flat(Tensor value, long[] dims, int depth) {
    long first = 1;
    for (int d = 0; d < depth; d++) {
      first *= dims[d];
    }
    return value.reshape(first, -1);
  }

  private static Kernel.One gatherNd(Operands in) {
    if (in.node().integer("batch_dims", 0) != 0) {
      throw in.unsupported("it has batch dimensions");
    }
    int x = in.slot(0);
    int indices = in.slot(1);
    return frame -> {
      Tensor value = frame.get(x);
      Tensor places = frame.get(indices);
      long[] dims = Sizes.of(value);
      long[] from = Sizes.of(places);
      int depth = (int) from[from.length - 1];
      long[] out = Arrays.copyOf(from, from.length - 1 + dims.length - depth);
      System.arraycopy(dims, depth, out, from.length - 1, dims.length - depth);
      return flat(value, dims, depth).index_select(0, rows(places, dims, depth)).reshape(out);
    };
  }

  private static boolean adds(Operands in) {
    String reduction = in.node().string("reduction", "none");
    if (!reduction.equals("none") && !reduction.equals("add")) {
      throw in.unsupported("its reduction '%s' is not known".formatted(reduction));
    }
    return reduction.equals("add");
  }

  private static Kernel.One scatter(Operands in) {
    long axis = in.node().integer("axis", 0);
    boolean add = adds(in);
    int x = in.slot(0);
    int indices = in.slot(1);
    int updates = in.slot(2);
    return frame -> {
      Tensor value = frame.get(x);
      int along = Sizes.axis(axis, value);
      Tensor places = positive(frame.get(indices), value.size(along));
      return add
          ? value.scatter_add(along, places, frame.get(updates))
          : value.scatter(along, places, frame.get(updates));
    };
  }

  private static Kernel.One scatterNd(Operands in) {
    boolean add = adds(in);
    int x = in.slot(0);
    int indices = in.slot(1);
    int updates = in.slot(2);
    return frame -> {
      Tensor value = frame.get(x);
      Tensor places = frame.get(indices);
      long[] dims = Sizes.of(value);
      int depth = (int) places.size(places.dim() - 1);
      Tensor rows = rows(places, dims, depth);
      Tensor flat = flat(value, dims, depth);
      Tensor news = frame.get(updates).reshape(rows.numel(), -1);
      Tensor changed = add ? flat.index_add(0, rows, news) : flat.index_copy(0, rows, news);
      return changed.reshape(dims);
    };
  }

  private static Kernel.One oneHot(Operands in) {
    long depth = in.known(1).longs()[0];
    float[] values = in.known(2).floats();
    boolean real = in.known(2).type().isFloating();
    long axis = in.node().integer("axis", -1);
    int x = in.slot(0);
    return frame -> {
      Tensor indices = positive(frame.get(x).to(torch.ScalarType.Long), depth);
      Tensor hot =
          torch
              .one_hot(indices, depth)
              .to(real ? torch.ScalarType.Float : torch.ScalarType.Long)
              .mul(new Scalar((double) values[1] - values[0]))
              .add(new Scalar((double) values[0]));
      int last = (int) hot.dim() - 1;
      return hot.movedim(last, Sizes.axis(axis, hot));
    };
  }

  private static Kernel.One running(Operands in) {
    long axis = in.known(1).longs()[0];
    boolean reverse = in.node().integer("reverse", 0) != 0;
    boolean exclusive = in.node().integer("exclusive", 0) != 0;
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      Tensor sum = reverse ? value.flip(axis).cumsum(axis).flip(axis) : value.cumsum(axis);
      return exclusive ? sum.sub(value) : sum;
    };
  }
}
