package dev.lathe.space.elastic;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/** What nodes say of sizes, said anew for a graph in which channels are left out. */
final class ShapeRewriting {
  private final OnnxGraph graph;
  private final Sizes sizes;
  private final Extents extents;

  /** How long axes are after a cut. */
  interface Extents {
    int of(String value, int axis);

    /** How many of the entries before one are left. */
    int before(String value, int axis, int entry);
  }

  /**
   * @param sizes before the cut
   */
  ShapeRewriting(OnnxGraph graph, Sizes sizes, Extents extents) {
    this.graph = graph;
    this.sizes = sizes;
    this.extents = extents;
  }

  /** Puts a node that fits in the place of one that says sizes from before the cut. */
  void rewrite(OnnxNode node) {
    OnnxNode fitting =
        switch (node.opType()) {
          case "Conv", "ConvTranspose" -> grouped(node, "group");
          case "GroupNormalization" -> grouped(node, "num_groups");
          case "Reshape" -> reshape(node);
          case "Split" -> split(node);
          case "Slice" -> slice(node);
          case "Expand" -> expand(node);
          case "Resize", "Upsample" -> resize(node);
          default -> node;
        };
    if (!fitting.equals(node)) {
      graph.replace(node, List.of(fitting));
    }
  }

  private boolean changed(String value, int axis) {
    return !sizes.varies(value, axis) && extents.of(value, axis) != sizes.type(value).dim(axis);
  }

  private boolean changed(String value) {
    if (!sizes.knows(value)) {
      return false;
    }
    TensorType type = sizes.type(value);
    for (int i = 0; i < type.rank(); i++) {
      if (changed(value, i)) {
        return true;
      }
    }
    return false;
  }

  private OnnxNode grouped(OnnxNode node, String attribute) {
    String input = node.inputs().getFirst();
    long groups = node.integer(attribute, 1);
    if (groups == 1 || !changed(input, 1)) {
      return node;
    }
    long channels = sizes.type(input).dim(1);
    return node.with(Attribute.integer(attribute, groups * extents.of(input, 1) / channels));
  }

  private OnnxNode reshape(OnnxNode node) {
    // A computed shape may be computed from something that is cut elsewhere.
    boolean told = node.input(1).flatMap(graph::constant).isPresent() || node.has("shape");
    if (told && !changed(node.output()) && !changed(node.inputs().getFirst())) {
      return node;
    }
    int rank = sizes.type(node.output()).rank();
    long[] shape = new long[rank];
    int computed = 0;
    for (int i = 0; i < rank; i++) {
      boolean varies = sizes.varies(node.output(), i);
      boolean taken =
          i < sizes.type(node.inputs().getFirst()).rank()
              && sizes.same(node.inputs().getFirst(), i, node.output(), i);
      shape[i] = !varies ? extents.of(node.output(), i) : taken ? 0 : -1;
      computed += varies && !taken ? 1 : 0;
    }
    return computed <= 1
        ? node.without("allowzero").withInput(1, integers(node, "shape", shape))
        : node.withInput(
            1,
            patched(
                node,
                1,
                axis -> !sizes.varies(node.output(), axis),
                axis -> extents.of(node.output(), axis)));
  }

  /** A computed shape in which some numbers are exchanged. */
  private String patched(
      OnnxNode node, int input, IntPredicate exchanged, IntUnaryOperator replacement) {
    int rank = sizes.type(node.output()).rank();
    int length = Math.toIntExact(sizes.type(node.inputs().get(input)).elements());
    byte[] isChanged = new byte[length];
    long[] values = new long[length];
    for (int i = 0; i < length; i++) {
      int axis = i + rank - length;
      isChanged[i] = (byte) (exchanged.test(axis) ? 1 : 0);
      values[i] = replacement.applyAsInt(axis);
    }
    String mask =
        graph.addConstant(
            TensorValue.raw(node.output() + ".mask", ElementType.BOOL, isChanged, length));
    String patched = graph.freshName(node.output() + ".shape");
    graph.add(
        OnnxNode.of(
            "Where",
            graph.freshName(node.output() + ".where"),
            List.of(mask, integers(node, "shape", values), node.inputs().get(input)),
            List.of(patched)));
    return patched;
  }

  private String integers(OnnxNode node, String what, long... values) {
    return graph.addConstant(TensorValue.int64(node.output() + "." + what, values, values.length));
  }

  private OnnxNode split(OnnxNode node) {
    int rank = sizes.type(node.output()).rank();
    int axis = AxisTrace.axis(node.integer("axis", 0), rank);
    if (!changed(node.inputs().getFirst(), axis)) {
      return node;
    }
    long[] parts = new long[node.outputs().size()];
    Arrays.setAll(parts, i -> extents.of(node.outputs().get(i), axis));
    if (graph.opset() < 13) {
      return node.with(Attribute.ints("split", parts));
    }
    return node.without("num_outputs")
        .withInputs(List.of(node.inputs().getFirst(), integers(node, "split", parts)));
  }

  private OnnxNode slice(OnnxNode node) {
    String input = node.inputs().getFirst();
    if (!changed(input)) {
      return node;
    }
    long[] starts = constant(node, "starts", 1);
    long[] ends = constant(node, "ends", 2);
    long[] all = new long[starts.length];
    Arrays.setAll(all, i -> i);
    long[] axes = node.has("axes") || node.input(3).isPresent() ? constant(node, "axes", 3) : all;
    boolean moved = false;
    for (int i = 0; i < axes.length; i++) {
      int axis = AxisTrace.axis(axes[i], sizes.type(input).rank());
      if (changed(input, axis)
          && sizes.type(input).dim(axis) != sizes.type(node.output()).dim(axis)) {
        long size = sizes.type(input).dim(axis);
        int first = (int) Math.clamp(starts[i] < 0 ? starts[i] + size : starts[i], 0, size);
        starts[i] = extents.before(input, axis, first);
        ends[i] = starts[i] + extents.of(node.output(), axis);
        moved = true;
      } else if (changed(input, axis)) {
        starts[i] = 0;
        ends[i] = Integer.MAX_VALUE;
        moved = true;
      }
    }
    if (!moved) {
      return node;
    }
    if (node.has("starts")) {
      return node.with(Attribute.ints("starts", starts)).with(Attribute.ints("ends", ends));
    }
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, integers(node, "starts", starts));
    inputs.set(2, integers(node, "ends", ends));
    if (inputs.size() > 3 && !inputs.get(3).isEmpty()) {
      inputs.set(3, integers(node, "axes", axes));
    }
    if (inputs.size() > 4 && !inputs.get(4).isEmpty()) {
      inputs.set(4, integers(node, "steps", constant(node, "steps", 4)));
    }
    return node.withInputs(inputs);
  }

  private long[] constant(OnnxNode node, String attribute, int input) {
    return node.has(attribute)
        ? node.ints(attribute)
        : graph.constant(node.inputs().get(input)).orElseThrow().longs();
  }

  private OnnxNode expand(OnnxNode node) {
    if (!changed(node.output())) {
      return node;
    }
    // A size of 1 leaves the other as it is.
    return node.withInput(1, patched(node, 1, axis -> changed(node.output(), axis), _ -> 1));
  }

  private OnnxNode resize(OnnxNode node) {
    return !changed(node.output()) || node.input(3).flatMap(graph::constant).isEmpty()
        ? node
        : node.withInput(
            3,
            patched(
                node,
                3,
                axis -> changed(node.output(), axis),
                axis -> extents.of(node.output(), axis)));
  }
}
