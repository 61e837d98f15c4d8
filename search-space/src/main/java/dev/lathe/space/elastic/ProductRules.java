package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import java.util.Arrays;

/** Nodes whose weights multiply channels: convolutions, matrix products, recurrences. */
final class ProductRules {
  private ProductRules() {}

  static boolean follow(OnnxNode node, AxisTrace trace) {
    return switch (node.opType()) {
      case "Conv" -> convolution(node, trace);
      case "ConvTranspose" -> transposed(node, trace);
      case "Gemm" -> gemm(node, trace);
      case "MatMul" -> matMul(node, trace);
      case "LSTM", "GRU", "RNN" -> recurrence(node, trace);
      default -> false;
    };
  }

  private static Axis[] image(OnnxNode node, AxisTrace trace, Axis channels) {
    Axis[] result = new Axis[trace.type(node.output()).rank()];
    Arrays.fill(result, Axis.PLAIN);
    result[0] = trace.axes(node, 0)[0];
    result[1] = channels;
    return result;
  }

  private static void bias(OnnxNode node, AxisTrace trace, Axis channels) {
    node.input(2).ifPresent(bias -> trace.ties().tie(trace.axes(bias)[0], channels));
  }

  private static void pinKernel(OnnxNode node, AxisTrace trace, int from) {
    Axis[] weight = trace.axes(node, 1);
    for (int i = from; i < weight.length; i++) {
      trace.ties().pin(weight[i], Pin.NO_CHANNELS);
    }
  }

  private static boolean convolution(OnnxNode node, AxisTrace trace) {
    int groups = (int) node.integer("group", 1);
    Axis[] weight = trace.axes(node, 1);
    if (groups == 1) {
      trace.read(node, 0, 1, 1, 1);
    } else {
      trace.ties().tieBlocks(trace.axes(node, 0)[1], weight[0], groups);
      trace.pin(weight[1], node, "each of its %d groups has its own".formatted(groups));
    }
    pinKernel(node, trace, 2);
    bias(node, trace, weight[0]);
    trace.put(node.output(), image(node, trace, weight[0]));
    return true;
  }

  private static boolean transposed(OnnxNode node, AxisTrace trace) {
    int groups = (int) node.integer("group", 1);
    Axis[] weight = trace.axes(node, 1);
    Axis made = weight[1];
    if (groups == 1) {
      trace.read(node, 0, 1, 1, 0);
    } else {
      Axis[] input = trace.axes(node, 0);
      made = trace.ties().fresh(trace.size(node.output(), 1));
      trace.ties().tie(input[1], weight[0]);
      trace.ties().tieBlocks(input[1], made, groups);
      trace.pin(weight[1], node, "each of its %d groups has its own".formatted(groups));
    }
    pinKernel(node, trace, 2);
    bias(node, trace, made);
    trace.put(node.output(), image(node, trace, made));
    return true;
  }

  private static boolean gemm(OnnxNode node, AxisTrace trace) {
    int rows = node.integer("transA", 0) != 0 ? 1 : 0;
    int columns = node.integer("transB", 0) != 0 ? 0 : 1;
    trace.read(node, 0, 1 - rows, 1, 1 - columns);
    Axis[] result = {trace.axes(node, 0)[rows], trace.axes(node, 1)[columns]};
    if (node.input(2).isPresent()) {
      String bias = node.inputs().get(2);
      TensorType type = trace.type(bias);
      for (int i = 0; i < 2; i++) {
        int axis = i - 2 + type.rank();
        if (axis >= 0 && type.dim(axis) > 1) {
          trace.ties().tie(trace.axes(bias)[axis], result[i]);
        }
      }
    }
    trace.put(node.output(), result);
    return true;
  }

  private static boolean matMul(OnnxNode node, AxisTrace trace) {
    TensorType left = trace.type(node.inputs().get(0));
    TensorType right = trace.type(node.inputs().get(1));
    if (left.rank() < 2 || right.rank() < 2) {
      return false;
    }
    if (trace.graph().initializer(node.inputs().get(0)).isPresent()) {
      trace.read(node, 1, right.rank() - 2, 0, left.rank() - 1);
    } else {
      trace.read(node, 0, left.rank() - 1, 1, right.rank() - 2);
    }
    int rank = trace.type(node.output()).rank();
    Axis[] result = new Axis[rank];
    for (int i = 0; i < rank - 2; i++) {
      result[i] = batch(node, trace, i - rank);
    }
    result[rank - 2] = trace.axes(node, 0)[left.rank() - 2];
    result[rank - 1] = trace.axes(node, 1)[right.rank() - 1];
    trace.put(node.output(), result);
    return true;
  }

  /** An axis counted from behind that both sides share, or one broadcasts. */
  private static Axis batch(OnnxNode node, AxisTrace trace, int fromEnd) {
    Axis found = Axis.PLAIN;
    boolean first = true;
    for (int input = 0; input < 2; input++) {
      TensorType type = trace.type(node.inputs().get(input));
      int axis = fromEnd + type.rank();
      if (axis >= 0 && type.dim(axis) != 1) {
        Axis given = trace.axes(node, input)[axis];
        if (!first) {
          trace.ties().tie(found, given);
        }
        found = first || !found.isPinned() ? given : found;
        first = false;
      }
    }
    return found;
  }

  /** What it takes can shrink, its state cannot. */
  private static boolean recurrence(OnnxNode node, AxisTrace trace) {
    if (node.integer("layout", 0) != 0) {
      return false;
    }
    trace.read(node, 0, 2, 1, 2);
    Pin pin = new Pin(node.label(), "the state of a recurrence is not cut");
    for (int i = 0; i < 2; i++) {
      trace.ties().pin(trace.axes(node, 1)[i], pin);
    }
    for (int input = 2; input < node.inputs().size(); input++) {
      trace.pinAll(node.inputs().get(input), pin);
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        Axis[] result = new Axis[trace.type(output).rank()];
        Arrays.fill(result, Axis.pinned(pin));
        trace.put(output, result);
      }
    }
    return true;
  }
}
