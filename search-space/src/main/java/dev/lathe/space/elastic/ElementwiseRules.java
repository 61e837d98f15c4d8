package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import java.util.List;
import java.util.Set;

/** Nodes that look at each entry alone, or at entries of equal index, with broadcasting. */
final class ElementwiseRules {
  private static final Set<String> UNARY =
      Set.of(
          "Relu",
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
          "ThresholdedRelu",
          "Cast",
          "IsNaN",
          "IsInf",
          "Swish");

  private static final Set<String> BROADCAST =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Min",
          "Max",
          "Mod",
          "Mean",
          "Sum",
          "PRelu",
          "And",
          "Or",
          "Xor",
          "Equal",
          "Greater",
          "Less",
          "GreaterOrEqual",
          "LessOrEqual",
          "Where");

  private ElementwiseRules() {}

  static boolean follow(OnnxNode node, AxisTrace trace) {
    if (UNARY.contains(node.opType())) {
      trace.put(node.output(), trace.axes(node, 0));
      for (int i = 1; i < node.outputs().size(); i++) {
        trace.put(node.outputs().get(i), trace.axes(node, 0));
      }
      return true;
    }
    if (BROADCAST.contains(node.opType())) {
      trace.put(node.output(), broadcast(node.inputs(), trace.type(node.output()), trace));
      return true;
    }
    return false;
  }

  /** Ties the axes of inputs that are broadcast to one shape; the axes of the result. */
  static Axis[] broadcast(List<String> inputs, TensorType result, AxisTrace trace) {
    Axis[] axes = new Axis[result.rank()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = Axis.PLAIN;
      boolean found = false;
      for (String input : inputs) {
        TensorType type = trace.type(input);
        int axis = i - result.rank() + type.rank();
        if (axis < 0 || type.dim(axis) == 1) {
          continue;
        }
        Axis given = trace.axes(input)[axis];
        if (found) {
          trace.ties().tie(axes[i], given);
        }
        axes[i] = found && axes[i].isPinned() ? axes[i] : given;
        found = true;
      }
    }
    return axes;
  }
}
