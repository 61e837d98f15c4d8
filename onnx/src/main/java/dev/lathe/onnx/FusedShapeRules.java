package dev.lathe.onnx;

import java.util.Arrays;
import java.util.List;

/** Shapes of the operators that ONNX Runtime makes when it optimises a graph. */
final class FusedShapeRules {
  private FusedShapeRules() {}

  static List<TensorType> infer(Operands in) {
    OnnxNode node = in.node();
    return switch (node.opType()) {
      case "Gelu",
          "FastGelu",
          "QuickGelu",
          "BiasGelu",
          "QLinearSigmoid",
          "QLinearLeakyRelu",
          "QLinearSoftmax",
          "SkipLayerNormalization",
          "FusedGelu",
          "BiasSoftmax" ->
          List.of(in.type(0));
      case "FusedConv" -> WindowShapes.convolution(in, 0, 1, 2, in.type(0).type());
      case "FusedMatMul" -> fusedMatMul(in);
      case "FusedGemm" -> {
        boolean transA = node.integer("transA", 0) != 0;
        boolean transB = node.integer("transB", 0) != 0;
        yield in.likeFirst(in.type(0).dim(transA ? 1 : 0), in.type(1).dim(transB ? 0 : 1));
      }
      case "QLinearAdd", "QLinearMul" -> in.likeFirst(ShapeRules.broadcast(in.dims(0), in.dims(3)));
      case "QLinearConcat" -> {
        long[] dims = in.dims(2);
        int axis = in.axis("axis", 1, dims.length);
        for (int i = 5; i < in.count(); i += 3) {
          dims[axis] += in.type(i).dim(axis);
        }
        yield List.of(new TensorType(in.type(2).type(), dims));
      }
      case "QLinearGlobalAveragePool" -> {
        long[] dims = in.dims(0);
        boolean last = node.integer("channels_last", 0) != 0;
        int from = last ? 1 : 2;
        Arrays.fill(dims, from, last ? dims.length - 1 : dims.length, 1);
        yield in.likeFirst(dims);
      }
      case "QLinearAveragePool" -> List.of(WindowShapes.pool(in).getFirst());
      case "QGemm" -> {
        boolean transA = node.integer("transA", 0) != 0;
        boolean transB = node.integer("transB", 0) != 0;
        ElementType type = in.has(8) ? in.type(8).type() : ElementType.FLOAT;
        yield List.of(
            new TensorType(type, in.type(0).dim(transA ? 1 : 0), in.type(3).dim(transB ? 0 : 1)));
      }
      case "MatMulNBits" -> {
        long[] dims = in.dims(0);
        dims[dims.length - 1] = node.integer("N", 0);
        yield in.likeFirst(dims);
      }
      case "MatMulIntegerToFloat", "DynamicQuantizeMatMul" ->
          List.of(new TensorType(ElementType.FLOAT, ShapeRules.matMul(in.dims(0), in.dims(1))));
      case "QuantizeLinear" -> List.of(new TensorType(in.type(2).type(), in.dims(0)));
      case "DequantizeLinear" -> List.of(new TensorType(in.type(1).type(), in.dims(0)));
      default -> List.of();
    };
  }

  private static List<TensorType> fusedMatMul(Operands in) {
    long[] a = in.dims(0);
    long[] b = in.dims(1);
    if (in.node().integer("transBatchA", 0) != 0 || in.node().integer("transBatchB", 0) != 0) {
      return List.of();
    }
    if (in.node().integer("transA", 0) != 0) {
      swapLast(a);
    }
    if (in.node().integer("transB", 0) != 0) {
      swapLast(b);
    }
    return in.likeFirst(ShapeRules.matMul(a, b));
  }

  private static void swapLast(long[] dims) {
    long last = dims[dims.length - 1];
    dims[dims.length - 1] = dims[dims.length - 2];
    dims[dims.length - 2] = last;
  }
}
