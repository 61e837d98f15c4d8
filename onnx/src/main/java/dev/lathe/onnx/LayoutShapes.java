package dev.lathe.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Shapes of operators that move, join, cut and repeat elements. */
final class LayoutShapes {
  private LayoutShapes() {}

  static List<TensorType> infer(Operands in) {
    OnnxNode node = in.node();
    return switch (node.opType()) {
      case "Flatten" -> {
        long[] dims = in.dims(0);
        int axis = ShapeRules.bounded(node.integer("axis", 1), dims.length);
        yield in.likeFirst(
            TensorType.elements(Arrays.copyOf(dims, axis)),
            TensorType.elements(Arrays.copyOfRange(dims, axis, dims.length)));
      }
      case "Reshape" ->
          in.integers("shape", 1).map(shape -> in.likeFirst(reshape(in, shape))).orElse(List.of());
      case "Transpose" -> {
        long[] dims = in.dims(0);
        long[] reversed = new long[dims.length];
        Arrays.setAll(reversed, i -> dims.length - 1 - i);
        long[] order = node.ints("perm", reversed);
        long[] out = new long[order.length];
        Arrays.setAll(out, i -> dims[(int) order[i]]);
        yield in.likeFirst(out);
      }
      case "Concat" -> concat(in);
      case "Split" -> split(in);
      case "Slice" -> slice(in);
      case "Squeeze" -> squeeze(in);
      case "Unsqueeze" -> unsqueeze(in);
      case "Gather" -> {
        long[] dims = in.dims(0);
        int axis = in.axis("axis", 0, dims.length);
        yield in.likeFirst(
            join(
                Arrays.copyOf(dims, axis),
                in.dims(1),
                Arrays.copyOfRange(dims, axis + 1, dims.length)));
      }
      case "GatherElements" -> in.likeFirst(in.dims(1));
      case "GatherND" -> {
        long[] dims = in.dims(0);
        long[] indices = in.dims(1);
        int depth = (int) indices[indices.length - 1];
        int batch = (int) node.integer("batch_dims", 0);
        yield in.likeFirst(
            join(
                Arrays.copyOf(indices, indices.length - 1),
                Arrays.copyOfRange(dims, batch + depth, dims.length)));
      }
      case "Expand" ->
          in.integers(1)
              .map(shape -> in.likeFirst(ShapeRules.broadcast(in.dims(0), shape)))
              .orElse(List.of());
      case "Tile" ->
          in.integers(1)
              .map(
                  times -> {
                    long[] dims = in.dims(0);
                    Arrays.setAll(dims, i -> Math.multiplyExact(dims[i], times[i]));
                    return in.likeFirst(dims);
                  })
              .orElse(List.of());
      case "Pad" -> pad(in);
      case "Resize", "Upsample" -> resize(in);
      case "ConstantOfShape" ->
          in.integers(0)
              .map(
                  shape ->
                      List.of(
                          new TensorType(
                              node.tensor("value").map(TensorValue::type).orElse(ElementType.FLOAT),
                              shape)))
              .orElse(List.of());
      case "Range" -> range(in);
      case "OneHot" -> {
        Optional<long[]> depth = in.integers(1);
        if (depth.isEmpty()) {
          yield List.of();
        }
        List<Long> dims = new ArrayList<>(Arrays.stream(in.dims(0)).boxed().toList());
        int axis = Operands.axis(node.integer("axis", -1), dims.size() + 1);
        dims.add(axis, depth.get()[0]);
        yield List.of(new TensorType(in.type(2).type(), array(dims)));
      }
      case "DepthToSpace" -> {
        long[] d = in.dims(0);
        long b = node.integer("blocksize", 1);
        yield in.likeFirst(d[0], d[1] / (b * b), d[2] * b, d[3] * b);
      }
      case "SpaceToDepth" -> {
        long[] d = in.dims(0);
        long b = node.integer("blocksize", 1);
        yield in.likeFirst(d[0], d[1] * b * b, d[2] / b, d[3] / b);
      }
      default -> List.of();
    };
  }

  private static long[] reshape(Operands in, long[] shape) {
    long[] from = in.dims(0);
    long[] to = shape.clone();
    boolean zeroIsZero = in.node().integer("allowzero", 0) != 0;
    int free = -1;
    long known = 1;
    for (int i = 0; i < to.length; i++) {
      if (to[i] == 0 && !zeroIsZero) {
        to[i] = from[i];
      }
      if (to[i] == -1 && free < 0) {
        free = i;
      } else if (to[i] < 0) {
        throw new OnnxException("cannot reshape to %s.".formatted(Arrays.toString(shape)));
      } else {
        known = Math.multiplyExact(known, to[i]);
      }
    }
    long elements = TensorType.elements(from);
    if (free >= 0) {
      to[free] = known == 0 ? 0 : elements / known;
      known *= to[free];
    }
    if (known != elements) {
      throw new OnnxException(
          "cannot reshape %s to %s: the number of elements differs."
              .formatted(Arrays.toString(from), Arrays.toString(shape)));
    }
    return to;
  }

  private static List<TensorType> concat(Operands in) {
    long[] dims = in.dims(0);
    int axis = in.axis("axis", 1, dims.length);
    for (int i = 1; i < in.count(); i++) {
      long[] more = in.dims(i);
      long[] rest = more.clone();
      if (more.length == dims.length) {
        rest[axis] = dims[axis];
      }
      if (!Arrays.equals(rest, dims)) {
        throw new OnnxException(
            "shapes %s and %s cannot be joined along axis %d."
                .formatted(Arrays.toString(dims), Arrays.toString(more), axis));
      }
      dims[axis] += more[axis];
    }
    return in.likeFirst(dims);
  }

  private static List<TensorType> split(Operands in) {
    long[] dims = in.dims(0);
    int axis = in.axis("axis", 0, dims.length);
    int count = in.node().outputs().size();
    Optional<long[]> sizes = in.integers("split", 1);
    if (sizes.isEmpty() && in.has(1)) {
      return List.of();
    }
    long piece = Math.ceilDiv(dims[axis], count);
    List<TensorType> out = new ArrayList<>();
    long left = dims[axis];
    for (int i = 0; i < count; i++) {
      long[] part = dims.clone();
      part[axis] = sizes.isPresent() ? sizes.get()[i] : Math.min(piece, left);
      left -= part[axis];
      out.add(new TensorType(in.type(0).type(), part));
    }
    return out;
  }

  private static List<TensorType> slice(Operands in) {
    long[] dims = in.dims(0);
    Optional<long[]> starts = in.integers("starts", 1);
    Optional<long[]> ends = in.integers("ends", 2);
    Optional<long[]> axes = in.integers("axes", 3);
    Optional<long[]> steps = in.integers(4);
    if (starts.isEmpty()
        || ends.isEmpty()
        || in.has(3) && axes.isEmpty()
        || in.has(4) && steps.isEmpty()) {
      return List.of();
    }
    for (int i = 0; i < starts.get().length; i++) {
      int axis = axes.isPresent() ? Operands.axis(axes.get()[i], dims.length) : i;
      long step = steps.isPresent() ? steps.get()[i] : 1;
      dims[axis] = Range.of(starts.get()[i], ends.get()[i], step, dims[axis]).count();
    }
    return in.likeFirst(dims);
  }

  /** The indices that a slice takes of one dimension. */
  record Range(long start, long end, long step) {
    static Range of(long start, long end, long step, long size) {
      if (step == 0) {
        throw new OnnxException("a slice cannot step by 0.");
      }
      long from = start < 0 ? start + size : start;
      long to = end < 0 ? Math.max(end, -size - 1) + size : end;
      return step > 0
          ? new Range(Math.clamp(from, 0, size), Math.clamp(to, 0, size), step)
          : new Range(Math.clamp(from, 0, Math.max(0, size - 1)), Math.clamp(to, -1, size), step);
    }

    long count() {
      return step > 0
          ? Math.max(0, Math.ceilDiv(end - start, step))
          : Math.max(0, Math.ceilDiv(start - end, -step));
    }
  }

  private static List<TensorType> squeeze(Operands in) {
    long[] dims = in.dims(0);
    Optional<long[]> axes = in.integers("axes", 1);
    if (axes.isEmpty() && in.has(1)) {
      return List.of();
    }
    if (axes.isEmpty()) {
      return in.likeFirst(Arrays.stream(dims).filter(dim -> dim != 1).toArray());
    }
    return in.likeFirst(ShapeRules.reduce(dims, axes.get(), false));
  }

  private static List<TensorType> unsqueeze(Operands in) {
    Optional<long[]> axes = in.integers("axes", 1);
    if (axes.isEmpty()) {
      return List.of();
    }
    long[] dims = in.dims(0);
    long[] out = new long[dims.length + axes.get().length];
    for (long axis : axes.get()) {
      out[Operands.axis(axis, out.length)] = -1;
    }
    int next = 0;
    for (int i = 0; i < out.length; i++) {
      out[i] = out[i] == -1 ? 1 : dims[next++];
    }
    return in.likeFirst(out);
  }

  private static List<TensorType> pad(Operands in) {
    Optional<long[]> pads = in.integers("pads", 1);
    Optional<long[]> axes = in.integers(3);
    if (pads.isEmpty() || in.has(3) && axes.isEmpty()) {
      return List.of();
    }
    long[] dims = in.dims(0);
    int half = pads.get().length / 2;
    for (int i = 0; i < half; i++) {
      int axis = axes.isPresent() ? Operands.axis(axes.get()[i], dims.length) : i;
      dims[axis] += pads.get()[i] + pads.get()[i + half];
    }
    return in.likeFirst(dims);
  }

  private static List<TensorType> resize(Operands in) {
    long[] dims = in.dims(0);
    boolean upsample = in.node().is("Upsample") || in.opset() < 11;
    Optional<long[]> sizes = upsample ? Optional.empty() : in.integers(3);
    int rank = dims.length;
    long[] axes = new long[rank];
    Arrays.setAll(axes, i -> i);
    axes = in.node().ints("axes", axes);
    if (sizes.isPresent()) {
      for (int i = 0; i < axes.length; i++) {
        dims[Operands.axis(axes[i], rank)] = sizes.get()[i];
      }
      return in.likeFirst(dims);
    }
    Optional<float[]> scales =
        in.node().has("scales")
            ? Optional.of(in.node().floats("scales"))
            : in.numbers(upsample ? 1 : 2);
    if (scales.isEmpty() || scales.get().length != axes.length) {
      return List.of();
    }
    for (int i = 0; i < axes.length; i++) {
      int axis = Operands.axis(axes[i], rank);
      dims[axis] = (long) Math.floor(dims[axis] * (double) scales.get()[i]);
    }
    return in.likeFirst(dims);
  }

  private static List<TensorType> range(Operands in) {
    Optional<long[]> start = in.integers(0);
    Optional<long[]> limit = in.integers(1);
    Optional<long[]> delta = in.integers(2);
    if (start.isEmpty() || limit.isEmpty() || delta.isEmpty()) {
      return List.of();
    }
    return in.likeFirst(Math.max(0, Math.ceilDiv(limit.get()[0] - start.get()[0], delta.get()[0])));
  }

  private static long[] join(long[]... parts) {
    return Arrays.stream(parts).flatMapToLong(Arrays::stream).toArray();
  }

  private static long[] array(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
