package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import java.util.Arrays;

/** Normalizations, pools and reductions. */
final class NormRules {
  private NormRules() {}

  static boolean follow(OnnxNode node, AxisTrace trace) {
    return switch (node.opType()) {
      case "BatchNormalization", "InstanceNormalization" -> perChannel(node, trace);
      case "LayerNormalization", "RMSNormalization" -> overAxes(node, trace);
      case "GroupNormalization" -> overGroups(node, trace);
      case "LpNormalization", "MeanVarianceNormalization" -> {
        trace.put(node.output(), trace.axes(node, 0));
        yield true;
      }
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node, trace);
      case "MaxPool",
          "AveragePool",
          "LpPool",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "GlobalLpPool" ->
          pool(node, trace);
      case "ReduceMean",
          "ReduceSum",
          "ReduceMax",
          "ReduceMin",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceSumSquare" ->
          reduction(node, trace);
      case "ArgMax", "ArgMin" -> {
        int rank = trace.type(node.inputs().getFirst()).rank();
        int axis = AxisTrace.axis(node.integer("axis", 0), rank);
        trace.pin(trace.axes(node, 0)[axis], node, "tells an index among them");
        trace.putPlain(node, 0);
        yield true;
      }
      default -> false;
    };
  }

  private static boolean perChannel(OnnxNode node, AxisTrace trace) {
    Axis channels = trace.axes(node, 0)[1];
    for (int input = 1; input < node.inputs().size(); input++) {
      trace.ties().tie(trace.axes(node, input)[0], channels);
    }
    trace.put(node.output(), trace.axes(node, 0));
    trace.putPlain(node, 1);
    return true;
  }

  private static boolean overAxes(OnnxNode node, AxisTrace trace) {
    TensorType type = trace.type(node.inputs().getFirst());
    for (int input = 1; input < node.inputs().size(); input++) {
      TensorType scale = trace.type(node.inputs().get(input));
      for (int i = 0; i < scale.rank(); i++) {
        if (scale.dim(i) > 1) {
          trace
              .ties()
              .tie(trace.axes(node, input)[i], trace.axes(node, 0)[i + type.rank() - scale.rank()]);
        }
      }
    }
    trace.put(node.output(), trace.axes(node, 0));
    trace.putPlain(node, 1);
    return true;
  }

  private static boolean overGroups(OnnxNode node, AxisTrace trace) {
    Axis channels = trace.axes(node, 0)[1];
    int groups = (int) node.integer("num_groups", 1);
    for (int input = 1; input < 3; input++) {
      trace.ties().tieBlocks(channels, trace.axes(node, input)[0], groups);
    }
    trace.put(node.output(), trace.axes(node, 0));
    return true;
  }

  private static boolean softmax(OnnxNode node, AxisTrace trace) {
    Axis[] axes = trace.axes(node, 0);
    boolean flat = trace.graph().opset() < 13;
    int axis = AxisTrace.axis(node.integer("axis", flat ? 1 : -1), axes.length);
    for (int i = axis; i < (flat ? axes.length : axis + 1); i++) {
      trace.pin(axes[i], node, "weighs them against each other");
    }
    trace.put(node.output(), axes);
    return true;
  }

  private static boolean pool(OnnxNode node, AxisTrace trace) {
    Axis[] result = new Axis[trace.type(node.output()).rank()];
    Arrays.fill(result, Axis.PLAIN);
    result[0] = trace.axes(node, 0)[0];
    result[1] = trace.axes(node, 0)[1];
    trace.put(node.output(), result);
    trace.putPlain(node, 1);
    return true;
  }

  private static boolean reduction(OnnxNode node, AxisTrace trace) {
    TensorType type = trace.type(node.inputs().getFirst());
    if (node.input(1).isPresent() && trace.integers(node, "axes", 1).isEmpty()) {
      return false;
    }
    long[] reduced = trace.integers(node, "axes", 1).orElse(new long[0]);
    boolean[] gone = new boolean[type.rank()];
    if (reduced.length == 0) {
      Arrays.fill(gone, node.integer("noop_with_empty_axes", 0) == 0);
    }
    for (long axis : reduced) {
      gone[AxisTrace.axis(axis, type.rank())] = true;
    }
    boolean keep = node.integer("keepdims", 1) != 0;
    Axis[] result = new Axis[trace.type(node.output()).rank()];
    int at = 0;
    for (int i = 0; i < gone.length; i++) {
      if (!gone[i]) {
        result[at++] = trace.axes(node, 0)[i];
      } else if (keep) {
        result[at++] = Axis.PLAIN;
      }
    }
    trace.put(node.output(), result);
    return true;
  }
}
