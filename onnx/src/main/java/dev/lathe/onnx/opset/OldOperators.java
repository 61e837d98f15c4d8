package dev.lathe.onnx.opset;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.opset.OpsetConversion.Draft;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the first seven operator sets changed. */
final class OldOperators {
  private static final List<String> BROADCAST =
      List.of("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Greater", "Less", "Equal");

  private OldOperators() {}

  static void toTwo(Draft node) {
    if (node.is("Pad") && node.node().has("paddings")) {
      long[] pads = node.node().ints("paddings");
      node.drop("paddings");
      node.become(node.node().with(Attribute.ints("pads", pads)));
    } else if (node.is("Split") && !node.input(1).isEmpty()) {
      throw new OnnxException("its sizes are an input.");
    }
  }

  static void toFive(Draft node) {
    if (node.is("Reshape")) {
      node.drop("consumed_inputs");
      node.integersToInput("shape", 1);
    }
  }

  static void toSix(Draft node) {
    node.drop("consumed_inputs");
    if (node.is("Cast") && node.text("to").filter(text -> !text.isEmpty()).isPresent()) {
      String type = node.text("to").orElseThrow().toUpperCase(Locale.ROOT);
      node.drop("to");
      node.setInteger("to", ElementType.valueOf(type).code());
    } else if (node.is("Tile") && node.node().inputs().size() == 3) {
      throw new OnnxException("it repeats along one axis.");
    }
  }

  /** Broadcasting became NumPy's: an operand of fewer dimensions is aligned with the last ones. */
  static void toSeven(Draft node, Map<String, TensorType> types) {
    if (BROADCAST.contains(node.opType())) {
      boolean aligned = node.integer("broadcast", 0) != 0 && node.node().has("axis");
      long axis = node.integer("axis", 0);
      node.drop("broadcast");
      node.drop("axis");
      if (aligned) {
        align(node, axis, types);
      }
      return;
    }
    switch (node.opType()) {
      case "PRelu" -> {
        TensorType slope = types.get(node.input(1));
        TensorType value = types.get(node.input(0));
        if (slope == null || slope.rank() != 1 || slope.dim(0) == 1) {
          return;
        }
        if (value == null) {
          throw new OnnxException("the dimensions of its input are not known.");
        }
        align(node, 1, types);
      }
      case "Gemm" -> node.drop("broadcast");
      case "BatchNormalization", "Dropout" -> node.drop("is_test");
      case "LSTM", "GRU", "RNN" -> node.drop("output_sequence");
      default -> {}
    }
  }

  /** Gives the second operand ones behind its own dimensions, which begin at {@code axis}. */
  private static void align(Draft node, long axis, Map<String, TensorType> types) {
    TensorType left = types.get(node.input(0));
    TensorType right = types.get(node.input(1));
    if (left == null || right == null) {
      throw new OnnxException("the dimensions of its operands are not known.");
    }
    long first = axis < 0 ? axis + left.rank() : axis;
    long[] dims = new long[(int) (left.rank() - first)];
    Arrays.fill(dims, 1);
    System.arraycopy(right.dims(), 0, dims, 0, Math.min(right.rank(), dims.length));
    String shape = node.constant(TensorValue.int64("dims", dims, dims.length));
    node.setInput(1, node.reshaped(node.input(1), shape));
  }
}
