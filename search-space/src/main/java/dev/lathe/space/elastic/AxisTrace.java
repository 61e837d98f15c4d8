package dev.lathe.space.elastic;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Follows the axes of all values through a graph: which entries are tied to one another because a
 * node adds, multiplies, joins or moves them. What a node does that is not known pins what it
 * takes.
 */
final class AxisTrace {
  /** Axes longer than this (vocabularies) are not followed. */
  private static final int LONGEST_AXIS = 1 << 16;

  private final OnnxGraph graph;
  private final Sizes sizes;
  private final Ties ties = new Ties();
  private final Map<String, Axis[]> axes = new LinkedHashMap<>();
  private final List<Reader> readers = new ArrayList<>();
  private final ReshapeRule reshapes;

  private AxisTrace(OnnxGraph graph, Sizes sizes, Map<String, Integer> carriers) {
    this.graph = graph;
    this.sizes = sizes;
    this.reshapes = new ReshapeRule(ties, carriers);
  }

  /**
   * @param sizes of all values
   * @param carriers by output of a Reshape that splits channels: the axis of the result that goes
   *     on counting them; elsewhere the outermost that can
   */
  static AxisTrace of(OnnxGraph graph, Sizes sizes, Map<String, Integer> carriers) {
    AxisTrace trace = new AxisTrace(graph, sizes, carriers);
    graph
        .inputs()
        .forEach(i -> trace.pinned(i.name(), new Pin("input '" + i.name() + "'", "is given")));
    graph.nodes().forEach(trace::visit);
    graph
        .outputs()
        .forEach(
            o ->
                trace.pinAll(
                    o.name(), new Pin("output '" + o.name() + "'", "must keep its shape")));
    return trace;
  }

  OnnxGraph graph() {
    return graph;
  }

  Ties ties() {
    return ties;
  }

  /** The axes of every value that was met, in the order of the nodes. */
  Map<String, Axis[]> all() {
    return axes;
  }

  List<Reader> readers() {
    return readers;
  }

  /** Axes that could count channels behind a Reshape that splits them, by its output. */
  Map<String, List<Integer>> splits() {
    return reshapes.splits();
  }

  private void visit(OnnxNode node) {
    boolean known =
        Stream.concat(node.inputs().stream(), node.outputs().stream())
            .allMatch(value -> value.isEmpty() || sizes.knows(value));
    boolean captured = node.inputs().stream().anyMatch(graph::isCaptured);
    if (!known || node.hasSubgraphs() || !node.domain().isEmpty() || !follow(node)) {
      Pin pin = new Pin(node.label(), "what it does with channels is not known");
      node.inputs().forEach(input -> pinAll(input, pin));
      node.outputs().forEach(output -> pinned(output, pin));
    }
    if (captured) {
      Pin pin = new Pin(node.label(), "its input is used inside a nested graph");
      node.inputs().stream().filter(graph::isCaptured).forEach(input -> pinAll(input, pin));
    }
  }

  private boolean follow(OnnxNode node) {
    if (node.isOneOf("Shape", "Size", "Constant")) {
      node.outputs().forEach(output -> pinned(output, Pin.NO_CHANNELS));
      return true;
    }
    boolean numbers = node.inputs().stream().anyMatch(i -> !i.isEmpty() && followable(i));
    if (!numbers) {
      node.outputs().forEach(output -> pinned(output, Pin.NO_CHANNELS));
      return true;
    }
    return ElementwiseRules.follow(node, this)
        || ProductRules.follow(node, this)
        || NormRules.follow(node, this)
        || LayoutRules.follow(node, this);
  }

  private boolean followable(String value) {
    ElementType type = sizes.knows(value) ? sizes.type(value).type() : ElementType.INT64;
    return type.isFloating() || type == ElementType.BOOL;
  }

  TensorType type(String value) {
    return sizes.type(value);
  }

  Sizes sizes() {
    return sizes;
  }

  int size(String value, int axis) {
    return Math.toIntExact(sizes.type(value).dim(axis));
  }

  /** The axes of an input; those of a constant are free where nothing has tied them yet. */
  Axis[] axes(String value) {
    return axes.computeIfAbsent(value, this::open);
  }

  private Axis[] open(String value) {
    Axis[] found = plain(value, Pin.NO_CHANNELS);
    ElementType type = graph.initializer(value).map(TensorValue::type).orElse(ElementType.INT64);
    for (int i = 0; i < found.length; i++) {
      int size = size(value, i);
      if (type == ElementType.FLOAT && size > 1 && size <= LONGEST_AXIS) {
        found[i] = ties.fresh(size);
      } else if (type.isFloating() && type != ElementType.FLOAT) {
        found[i] = Axis.pinned(new Pin("'" + value + "'", "only weights of type FLOAT are cut"));
      }
    }
    return found;
  }

  private Axis[] plain(String value, Pin pin) {
    Axis[] result = new Axis[sizes.knows(value) ? sizes.type(value).rank() : 0];
    Arrays.fill(result, Axis.pinned(pin));
    return result;
  }

  Axis[] axes(OnnxNode node, int input) {
    return axes(node.inputs().get(input));
  }

  void put(String value, Axis... result) {
    if (!value.isEmpty()) {
      axes.put(value, result);
    }
  }

  /** All outputs from {@code first} on count no channels. */
  void putPlain(OnnxNode node, int first) {
    for (int i = first; i < node.outputs().size(); i++) {
      pinned(node.outputs().get(i), Pin.NO_CHANNELS);
    }
  }

  private void pinned(String value, Pin pin) {
    if (!value.isEmpty()) {
      axes.put(value, plain(value, pin));
    }
  }

  void pinAll(String value, Pin pin) {
    if (!value.isEmpty()) {
      for (Axis axis : axes(value)) {
        ties.pin(axis, pin);
      }
    }
  }

  void pin(Axis axis, OnnxNode node, String why) {
    ties.pin(axis, new Pin(node.label(), why));
  }

  /** Weights of a node sum over an axis of what it takes. */
  void read(OnnxNode node, int input, int inputAxis, int weight, int weightAxis) {
    String constant = node.inputs().get(weight);
    ties.tie(axes(node, input)[inputAxis], axes(constant)[weightAxis]);
    if (graph.initializer(constant).isPresent()) {
      readers.add(
          new Reader(node.output(), node.inputs().get(input), inputAxis, constant, weightAxis));
    }
  }

  ReshapeRule reshapes() {
    return reshapes;
  }

  /** A list of integers that older operator sets give as attribute and newer ones as input. */
  Optional<long[]> integers(OnnxNode node, String attribute, int input) {
    return node.has(attribute)
        ? Optional.of(node.ints(attribute))
        : node.input(input).flatMap(graph::constant).map(TensorValue::longs);
  }

  /** An axis, counted from the first. */
  static int axis(long axis, int rank) {
    return (int) (axis < 0 ? axis + rank : axis);
  }
}
