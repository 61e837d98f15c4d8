package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import java.util.Arrays;
import java.util.Optional;

/** Nodes that move, join, split and repeat entries. */
final class LayoutRules {
  private LayoutRules() {}

  static boolean follow(OnnxNode node, AxisTrace trace) {
    return switch (node.opType()) {
      case "Transpose" -> transpose(node, trace);
      case "Reshape", "Flatten", "Squeeze", "Unsqueeze" -> {
        trace.put(
            node.output(),
            trace
                .reshapes()
                .apply(
                    node,
                    trace.type(node.inputs().getFirst()).dims(),
                    trace.type(node.output()).dims(),
                    trace.axes(node, 0)));
        yield true;
      }
      case "Concat" -> concat(node, trace);
      case "Split" -> split(node, trace);
      case "Slice" -> slice(node, trace);
      case "Gather" -> gather(node, trace);
      case "Expand" -> expand(node, trace);
      case "Pad", "Resize", "Upsample", "Tile" -> sameOrPinned(node, trace);
      case "DepthToSpace" -> depthToSpace(node, trace);
      default -> false;
    };
  }

  private static boolean transpose(OnnxNode node, AxisTrace trace) {
    Axis[] axes = trace.axes(node, 0);
    long[] reversed = new long[axes.length];
    Arrays.setAll(reversed, i -> axes.length - 1 - i);
    long[] order = node.ints("perm", reversed);
    Axis[] result = new Axis[axes.length];
    Arrays.setAll(result, i -> axes[(int) order[i]]);
    trace.put(node.output(), result);
    return true;
  }

  private static boolean concat(OnnxNode node, AxisTrace trace) {
    int rank = trace.type(node.output()).rank();
    int axis = AxisTrace.axis(node.integer("axis", 1), rank);
    Axis[] result = new Axis[rank];
    for (int i = 0; i < rank; i++) {
      result[i] = i == axis ? joined(node, axis, trace) : common(node, i, trace);
    }
    trace.put(node.output(), result);
    return true;
  }

  private static Axis joined(OnnxNode node, int axis, AxisTrace trace) {
    if (node.inputs().stream().allMatch(input -> trace.axes(input)[axis].isPinned())) {
      return trace.axes(node, 0)[axis];
    }
    int[] entries = new int[trace.size(node.output(), axis)];
    int at = 0;
    for (String input : node.inputs()) {
      Axis part = trace.axes(input)[axis];
      int size = trace.size(input, axis);
      if (part.isPinned()) {
        Axis kept = trace.ties().fresh(size);
        trace.ties().pin(kept, part.pin());
        part = kept;
      }
      System.arraycopy(part.entries(), 0, entries, at, size);
      at += size;
    }
    return Axis.of(entries);
  }

  private static Axis common(OnnxNode node, int axis, AxisTrace trace) {
    Axis found = trace.axes(node, 0)[axis];
    for (int input = 1; input < node.inputs().size(); input++) {
      Axis given = trace.axes(node, input)[axis];
      trace.ties().tie(found, given);
      found = found.isPinned() ? found : given;
    }
    return found;
  }

  private static boolean split(OnnxNode node, AxisTrace trace) {
    Axis[] axes = trace.axes(node, 0);
    int axis = AxisTrace.axis(node.integer("axis", 0), axes.length);
    int at = 0;
    for (String output : node.outputs()) {
      if (output.isEmpty()) {
        return false;
      }
      int size = trace.size(output, axis);
      Axis[] result = axes.clone();
      result[axis] = part(axes[axis], at, size);
      trace.put(output, result);
      at += size;
    }
    return true;
  }

  private static Axis part(Axis axis, int from, int size) {
    return axis.isPinned() ? axis : Axis.of(Arrays.copyOfRange(axis.entries(), from, from + size));
  }

  private static boolean slice(OnnxNode node, AxisTrace trace) {
    TensorType type = trace.type(node.inputs().getFirst());
    Axis[] result = trace.axes(node, 0).clone();
    for (int i = 0; i < result.length; i++) {
      int size = trace.size(node.output(), i);
      if (size == type.dim(i) || result[i].isPinned()) {
        continue;
      }
      Optional<Range> range = Range.of(node, i, type, trace);
      if (range.isEmpty() || range.get().step() != 1) {
        trace.pin(result[i], node, "takes some of them");
        result[i] = Axis.pinned(new Pin(node.label(), "takes some of them"));
      } else {
        result[i] = part(result[i], range.get().start(), size);
      }
    }
    trace.put(node.output(), result);
    return true;
  }

  private static boolean gather(OnnxNode node, AxisTrace trace) {
    Axis[] data = trace.axes(node, 0);
    int axis = AxisTrace.axis(node.integer("axis", 0), data.length);
    trace.pin(data[axis], node, "picks some of them by number");
    int indices = trace.type(node.inputs().get(1)).rank();
    Axis[] result = new Axis[data.length - 1 + indices];
    for (int i = 0; i < result.length; i++) {
      result[i] = i < axis ? data[i] : i < axis + indices ? Axis.PLAIN : data[i - indices + 1];
    }
    trace.put(node.output(), result);
    return true;
  }

  private static boolean expand(OnnxNode node, AxisTrace trace) {
    TensorType from = trace.type(node.inputs().getFirst());
    TensorType to = trace.type(node.output());
    Axis[] result = new Axis[to.rank()];
    for (int i = 0; i < result.length; i++) {
      int axis = i - to.rank() + from.rank();
      result[i] =
          axis >= 0 && from.dim(axis) > 1
              ? trace.axes(node, 0)[axis]
              : Axis.pinned(new Pin(node.label(), "repeats one value"));
    }
    trace.put(node.output(), result);
    return true;
  }

  /** Axes that keep their size are as before, others need all their entries. */
  private static boolean sameOrPinned(OnnxNode node, AxisTrace trace) {
    TensorType from = trace.type(node.inputs().getFirst());
    TensorType to = trace.type(node.output());
    Axis[] result = trace.axes(node, 0).clone();
    for (int i = 0; i < result.length; i++) {
      if (from.dim(i) != to.dim(i)) {
        trace.pin(result[i], node, "changes their number");
        result[i] = Axis.pinned(new Pin(node.label(), "changes their number"));
      }
    }
    trace.put(node.output(), result);
    return true;
  }

  private static boolean depthToSpace(OnnxNode node, AxisTrace trace) {
    Axis[] axes = trace.axes(node, 0);
    Axis[] result = {axes[0], Axis.PLAIN, Axis.PLAIN, Axis.PLAIN};
    if (!axes[1].isPinned()) {
      int block = (int) node.integer("blocksize", 1);
      int made = trace.size(node.output(), 1);
      boolean blocksFirst = node.string("mode", "DCR").equals("DCR");
      int[] entries = new int[made];
      for (int c = 0; c < made; c++) {
        entries[c] = axes[1].entries()[blocksFirst ? c : c * block * block];
        for (int b = 1; b < block * block; b++) {
          int other = blocksFirst ? b * made + c : c * block * block + b;
          trace.ties().tie(entries[c], axes[1].entries()[other]);
        }
      }
      result[1] = Axis.of(entries);
    } else {
      result[1] = axes[1];
    }
    trace.put(node.output(), result);
    return true;
  }
}
