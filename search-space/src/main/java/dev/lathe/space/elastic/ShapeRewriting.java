package dev.lathe.space.elastic;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** Whether the shape that a Reshape makes can be written as a constant. */
  static boolean isConstant(OnnxNode reshape, Sizes sizes) {
    int computed = 0;
    for (int i = 0; i < sizes.type(reshape.output()).rank(); i++) {
      if (sizes.varies(reshape.output(), i) && !isTaken(reshape, i, sizes)) {
        computed++;
      }
    }
    return computed <= 1;
  }

  /** Whether a dimension of a Reshape is that of its input. */
  private static boolean isTaken(OnnxNode reshape, int axis, Sizes sizes) {
    String from = reshape.inputs().getFirst();
    return axis < sizes.type(from).rank() && sizes.same(from, axis, reshape.output(), axis);
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
    if (!changed(node.output()) && !changed(node.inputs().getFirst())) {
      return node;
    }
    long[] shape = new long[sizes.type(node.output()).rank()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] =
          !sizes.varies(node.output(), i)
              ? extents.of(node.output(), i)
              : isTaken(node, i, sizes) ? 0 : -1;
    }
    return node.without("allowzero").withInput(1, integers(node, "shape", shape));
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
    long[] shape = constant(node, "shape", 1);
    int rank = sizes.type(node.output()).rank();
    for (int i = 0; i < shape.length; i++) {
      if (changed(node.output(), i + rank - shape.length)) {
        shape[i] = 1;
      }
    }
    return node.withInput(1, integers(node, "shape", shape));
  }

  private OnnxNode resize(OnnxNode node) {
    if (!changed(node.output()) || node.input(3).flatMap(graph::constant).isEmpty()) {
      return node;
    }
    long[] shape = constant(node, "sizes", 3);
    for (int i = 0; i < shape.length; i++) {
      if (changed(node.output(), i)) {
        shape[i] = extents.of(node.output(), i);
      }
    }
    return node.withInput(3, integers(node, "sizes", shape));
  }
}
