package dev.lathe.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Type and shape of each operator's results, by families of operators. */
final class ShapeRules {
  private ShapeRules() {}

  /** The results that can be known, a prefix of the node's outputs; empty for unknown operators. */
  static List<TensorType> infer(Operands in) {
    OnnxNode node = in.node();
    if (node.domain().equals("com.microsoft")) {
      return FusedShapeRules.infer(in);
    }
    if (!node.domain().isEmpty()) {
      return List.of();
    }
    return switch (node.opType()) {
      case "Relu",
          "LeakyRelu",
          "Clip",
          "Sigmoid",
          "HardSigmoid",
          "HardSwish",
          "Tanh",
          "Erf",
          "Exp",
          "Log",
          "Sqrt",
          "Neg",
          "Abs",
          "Identity",
          "Softmax",
          "LogSoftmax",
          "Hardmax",
          "Gelu",
          "Mish",
          "Elu",
          "Celu",
          "Selu",
          "Softplus",
          "Softsign",
          "Reciprocal",
          "Floor",
          "Ceil",
          "Round",
          "Sign",
          "Sin",
          "Cos",
          "Not",
          "Dropout",
          "InstanceNormalization",
          "GroupNormalization",
          "LpNormalization",
          "LRN",
          "ThresholdedRelu",
          "PRelu", // of the slope, which is broadcast to the values: another way in old sets
          "CumSum",
          "Trilu",
          "MeanVarianceNormalization",
          "ScatterND",
          "ScatterElements",
          "BatchNormalization",
          "LayerNormalization",
          "Swish",
          "RMSNormalization" ->
          List.of(in.type(0));
      case "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Min",
          "Max",
          "Mod",
          "Mean",
          "Sum",
          "And",
          "Or",
          "Xor" ->
          in.likeFirst(broadcast(in, 0));
      case "Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual" ->
          List.of(new TensorType(ElementType.BOOL, broadcast(in, 0)));
      case "IsNaN", "IsInf" -> List.of(new TensorType(ElementType.BOOL, in.dims(0)));
      case "Where" -> List.of(new TensorType(in.type(1).type(), broadcast(in, 0)));
      case "Conv" -> WindowShapes.convolution(in, 0, 1, 2, in.type(0).type());
      case "QLinearConv" -> WindowShapes.convolution(in, 0, 3, 8, in.type(7).type());
      case "ConvInteger" -> WindowShapes.convolution(in, 0, 1, -1, ElementType.INT32);
      case "ConvTranspose" -> WindowShapes.transposed(in);
      case "MaxPool", "AveragePool", "LpPool" -> WindowShapes.pool(in);
      case "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool" -> {
        long[] dims = in.dims(0);
        Arrays.fill(dims, Math.min(2, dims.length), dims.length, 1);
        yield in.likeFirst(dims);
      }
      case "Gemm" -> gemm(in);
      case "MatMul" -> in.likeFirst(matMul(in.dims(0), in.dims(1)));
      case "MatMulInteger" ->
          List.of(new TensorType(ElementType.INT32, matMul(in.dims(0), in.dims(1))));
      case "QLinearMatMul" ->
          List.of(new TensorType(in.type(7).type(), matMul(in.dims(0), in.dims(3))));
      case "Cast" ->
          List.of(new TensorType(ElementType.of((int) node.integer("to", 1)), in.dims(0)));
      case "CastLike" -> List.of(new TensorType(in.type(1).type(), in.dims(0)));
      case "QuantizeLinear" -> {
        ElementType fallback =
            node.has("output_dtype")
                ? ElementType.of((int) node.integer("output_dtype", 2))
                : ElementType.UINT8;
        yield List.of(new TensorType(in.has(2) ? in.type(2).type() : fallback, in.dims(0)));
      }
      case "DequantizeLinear" -> List.of(new TensorType(in.type(1).type(), in.dims(0)));
      case "DynamicQuantizeLinear" ->
          List.of(
              new TensorType(ElementType.UINT8, in.dims(0)),
              new TensorType(ElementType.FLOAT),
              new TensorType(ElementType.UINT8));
      case "ArgMax", "ArgMin" -> {
        int axis = in.axis("axis", 0, in.type(0).rank());
        yield List.of(
            new TensorType(
                ElementType.INT64,
                reduce(in.dims(0), new long[] {axis}, node.integer("keepdims", 1) != 0)));
      }
      case "ReduceMean",
          "ReduceSum",
          "ReduceMax",
          "ReduceMin",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceSumSquare" ->
          reduction(in);
      case "Shape" -> {
        int rank = in.type(0).rank();
        int from = bounded(node.integer("start", 0), rank);
        int to = bounded(node.integer("end", rank), rank);
        yield List.of(new TensorType(ElementType.INT64, Math.max(0, to - from)));
      }
      case "Size" -> List.of(new TensorType(ElementType.INT64));
      case "TopK" -> {
        Optional<long[]> k = in.integers("k", 1);
        if (k.isEmpty()) {
          yield List.of();
        }
        long[] dims = in.dims(0);
        dims[in.axis("axis", -1, dims.length)] = k.get()[0];
        yield List.of(
            new TensorType(in.type(0).type(), dims), new TensorType(ElementType.INT64, dims));
      }
      default -> LayoutShapes.infer(in);
    };
  }

  static int bounded(long position, int rank) {
    return (int) Math.clamp(position < 0 ? position + rank : position, 0, rank);
  }

  /** The common shape of all inputs from {@code from} on. */
  static long[] broadcast(Operands in, int from) {
    long[] dims = in.dims(from);
    for (int i = from + 1; i < in.count(); i++) {
      dims = broadcast(dims, in.dims(i));
    }
    return dims;
  }

  static long[] broadcast(long[] left, long[] right) {
    int rank = Math.max(left.length, right.length);
    long[] out = new long[rank];
    for (int i = 0; i < rank; i++) {
      long a = i < rank - left.length ? 1 : left[i - rank + left.length];
      long b = i < rank - right.length ? 1 : right[i - rank + right.length];
      if (a != b && a != 1 && b != 1) {
        throw new OnnxException(
            "shapes %s and %s cannot be broadcast to one another."
                .formatted(Arrays.toString(left), Arrays.toString(right)));
      }
      out[i] = a == 1 ? b : a;
    }
    return out;
  }

  static long[] matMul(long[] a, long[] b) {
    if (a.length == 0 || b.length == 0) {
      throw new OnnxException("a matrix product needs at least one dimension on both sides.");
    }
    long[] left = a.length == 1 ? new long[] {1, a[0]} : a;
    long[] right = b.length == 1 ? new long[] {b[0], 1} : b;
    long inner = left[left.length - 1];
    if (inner != right[right.length - 2]) {
      throw new OnnxException(
          "shapes %s and %s cannot be multiplied."
              .formatted(Arrays.toString(a), Arrays.toString(b)));
    }
    long[] batch =
        broadcast(Arrays.copyOf(left, left.length - 2), Arrays.copyOf(right, right.length - 2));
    List<Long> out = new ArrayList<>(Arrays.stream(batch).boxed().toList());
    if (a.length > 1) {
      out.add(left[left.length - 2]);
    }
    if (b.length > 1) {
      out.add(right[right.length - 1]);
    }
    return out.stream().mapToLong(Long::longValue).toArray();
  }

  private static List<TensorType> gemm(Operands in) {
    boolean transA = in.node().integer("transA", 0) != 0;
    boolean transB = in.node().integer("transB", 0) != 0;
    TensorType a = in.type(0);
    TensorType b = in.type(1);
    if (a.rank() != 2 || b.rank() != 2) {
      throw new OnnxException("Gemm takes matrices, not %s and %s.".formatted(a, b));
    }
    long inner = a.dim(transA ? 0 : 1);
    if (inner != b.dim(transB ? 1 : 0)) {
      throw new OnnxException("matrices %s and %s cannot be multiplied.".formatted(a, b));
    }
    return in.likeFirst(a.dim(transA ? 1 : 0), b.dim(transB ? 0 : 1));
  }

  private static List<TensorType> reduction(Operands in) {
    boolean keep = in.node().integer("keepdims", 1) != 0;
    Optional<long[]> axes = in.integers("axes", 1);
    if (axes.isEmpty() && in.has(1)) {
      return List.of();
    }
    if (axes.isEmpty() || axes.get().length == 0) {
      if (in.node().integer("noop_with_empty_axes", 0) != 0) {
        return List.of(in.type(0));
      }
      long[] all = new long[in.type(0).rank()];
      Arrays.setAll(all, i -> i);
      axes = Optional.of(all);
    }
    return in.likeFirst(reduce(in.dims(0), axes.get(), keep));
  }

  static long[] reduce(long[] dims, long[] axes, boolean keep) {
    boolean[] reduced = new boolean[dims.length];
    for (long axis : axes) {
      reduced[Operands.axis(axis, dims.length)] = true;
    }
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < dims.length; i++) {
      if (!reduced[i]) {
        out.add(dims[i]);
      } else if (keep) {
        out.add(1L);
      }
    }
    return out.stream().mapToLong(Long::longValue).toArray();
  }

  /** {@code count} results of one type. */
  static List<TensorType> repeated(TensorType type, int count) {
    return Collections.nCopies(count, type);
  }
}
