package dev.lathe.onnx.opset;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Raises a model to a newer operator set: each node, also inside nested graphs, is written as the
 * newer set spells it, one version after the other. What a node computes stays the same.
 */
public final class OpsetConversion {
  /** The operator set that models are raised to. */
  public static final int CURRENT = 21;

  private final OnnxGraph graph;
  private final Map<String, TensorType> types;

  private OpsetConversion(OnnxGraph graph, Map<String, TensorType> types) {
    this.graph = graph;
    this.types = types;
  }

  /**
   * Raises a graph in place; one of this set or a newer one is left as it is.
   *
   * @param target version of ONNX's operator set, at most {@link #CURRENT}
   * @throws OnnxException if a node has no equal there, naming it
   */
  public static void raise(OnnxGraph graph, int target) {
    if (target > CURRENT) {
      throw new IllegalArgumentException(
          "operator set %d is newer than %d.".formatted(target, CURRENT));
    }
    int from = graph.opset();
    if (from >= target) {
      return;
    }
    OpsetConversion conversion = new OpsetConversion(graph, types(graph));
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      List<OnnxNode> raised = conversion.raised(node, from, target);
      if (raised.size() != 1 || !raised.getFirst().equals(node)) {
        graph.replace(node, raised);
      }
    }
    graph.opset("", target);
  }

  private static Map<String, TensorType> types(OnnxGraph graph) {
    try {
      return ShapeInference.infer(graph, graph.symbols(1, Map.of()));
    } catch (OnnxException unknown) {
      return Map.of();
    }
  }

  /** A node as the target spells it, with Constant nodes for what has become an input. */
  private List<OnnxNode> raised(OnnxNode old, int from, int target) {
    OnnxNode node = old.hasSubgraphs() ? nested(old, from, target) : old;
    if (!node.domain().isEmpty()) {
      return List.of(node);
    }
    Draft draft = new Draft(graph, node);
    try {
      for (int version = from + 1; version <= target; version++) {
        step(draft, version);
      }
    } catch (OnnxException e) {
      throw new OnnxException(
          "%s of operator set %d cannot be raised to %d: %s"
              .formatted(old.label(), from, target, e.getMessage()),
          e);
    }
    return draft.nodes();
  }

  private OnnxNode nested(OnnxNode node, int from, int target) {
    NodeProto.Builder builder = node.proto().toBuilder();
    for (AttributeProto.Builder attribute : builder.getAttributeBuilderList()) {
      if (attribute.hasG()) {
        attribute.setG(nested(attribute.getG(), from, target));
      }
      for (int i = 0; i < attribute.getGraphsCount(); i++) {
        attribute.setGraphs(i, nested(attribute.getGraphs(i), from, target));
      }
    }
    return new OnnxNode(builder.build());
  }

  private GraphProto nested(GraphProto inner, int from, int target) {
    GraphProto.Builder builder = inner.toBuilder().clearNode();
    for (NodeProto node : inner.getNodeList()) {
      raised(new OnnxNode(node), from, target).forEach(made -> builder.addNode(made.proto()));
    }
    return builder.build();
  }

  /** What an operator set changed in what nodes of the one before it say. */
  private void step(Draft node, int version) {
    switch (version) {
      case 2 -> OldOperators.toTwo(node);
      case 5 -> OldOperators.toFive(node);
      case 6 -> OldOperators.toSix(node);
      case 7 -> OldOperators.toSeven(node, types);
      case 9 -> toNine(node);
      case 10 -> toTen(node);
      case 11 -> toEleven(node);
      case 12 -> toTwelve(node);
      case 13 -> toThirteen(node);
      case 16 -> {
        if (node.is("RoiAlign")) {
          node.textIfMissing("coordinate_transformation_mode", "output_half_pixel");
        }
      }
      case 18 -> toEighteen(node);
      case 20 -> toTwenty(node);
      case 21 -> {
        if (node.is("GroupNormalization")) {
          throw new OnnxException(
              "its scales are one a group, and would have to be one a channel.");
        }
      }
      default -> {}
    }
  }

  private static void toNine(Draft node) {
    if (node.is("BatchNormalization")) {
      if (node.integer("spatial", 1) == 0) {
        throw new OnnxException("it normalizes each position of its own (spatial is 0).");
      }
      node.drop("spatial");
    } else if (node.is("Upsample")) {
      node.floatsToInput("scales", 1);
    } else if (node.is("Scan")) {
      throw new OnnxException("scans of operator set 8 have a batch, later ones do not.");
    }
  }

  private static void toTen(Draft node) {
    switch (node.opType()) {
      case "Slice" -> {
        node.integersToInput("starts", 1);
        node.integersToInput("ends", 2);
        node.integersToInput("axes", 3);
      }
      case "TopK" -> node.integerToInput("k", 1);
      case "Upsample" -> node.rename("Resize");
      default -> {}
    }
  }

  private void toEleven(Draft node) {
    switch (node.opType()) {
      case "Clip" -> {
        ElementType type = elementType(node.input(0));
        node.numberToInput("min", 1, type);
        node.numberToInput("max", 2, type);
      }
      case "Pad" -> {
        node.integersToInput("pads", 1);
        node.numberToInput("value", 2, elementType(node.input(0)));
      }
      case "Scatter" -> node.rename("ScatterElements");
      case "Resize" -> {
        boolean shrinks =
            graph.constant(node.input(1)).filter(scales -> least(scales.floats()) < 1).isPresent();
        node.inputs(List.of(node.input(0), "", node.input(1)));
        node.text("coordinate_transformation_mode", "asymmetric");
        if (node.text("mode").orElse("nearest").equals("nearest")) {
          node.text("nearest_mode", shrinks ? "ceil" : "floor");
        }
      }
      default -> {}
    }
  }

  private static float least(float[] values) {
    float least = Float.POSITIVE_INFINITY;
    for (float value : values) {
      least = Math.min(least, value);
    }
    return least;
  }

  private static void toTwelve(Draft node) {
    if (node.is("Dropout")) {
      node.drop("ratio"); // only training reads it
    }
  }

  private void toThirteen(Draft node) {
    switch (node.opType()) {
      case "Squeeze", "Unsqueeze", "ReduceSum" -> node.integersToInput("axes", 1);
      case "Split" -> node.integersToInput("split", 1);
      case "Softmax", "LogSoftmax", "Hardmax" -> softmax(node);
      default -> {}
    }
  }

  /**
   * Softmax was that of all dimensions from the axis on, and is that of one: over the last it means
   * the same, over others the value is flattened before and shaped again after it.
   */
  private void softmax(Draft node) {
    long axis = node.integer("axis", 1);
    TensorType type = types.get(node.input(0));
    boolean last = axis == -1 || type != null && (axis == type.rank() - 1 || type.rank() < 2);
    if (last) {
      node.setInteger("axis", -1);
    } else {
      node.flattened((int) axis);
    }
  }

  private static void toEighteen(Draft node) {
    switch (node.opType()) {
      case "ReduceMax",
          "ReduceMin",
          "ReduceMean",
          "ReduceProd",
          "ReduceL1",
          "ReduceL2",
          "ReduceLogSum",
          "ReduceLogSumExp",
          "ReduceSumSquare" ->
          node.integersToInput("axes", 1);
      case "Split" -> {
        if (node.input(1).isEmpty()) {
          node.setInteger("num_outputs", node.outputCount());
        }
      }
      default -> {}
    }
  }

  private static void toTwenty(Draft node) {
    if (node.is("GridSample")) {
      switch (node.text("mode").orElse("bilinear")) {
        case "bilinear" -> node.text("mode", "linear");
        case "bicubic" -> node.text("mode", "cubic");
        default -> {}
      }
    } else if (node.is("DFT")) {
      long axis = node.integer("axis", 1);
      node.drop("axis");
      node.setInput(2, node.constant(TensorValue.int64("axis", new long[] {axis})));
    }
  }

  private ElementType elementType(String value) {
    TensorType type = types.get(value);
    return type != null
        ? type.type()
        : graph.declared(value).map(ValueInfo::type).orElse(ElementType.FLOAT);
  }

  /** A node on its way, and what is put before and after it. */
  static final class Draft {
    private final OnnxGraph graph;
    private final List<OnnxNode> before = new ArrayList<>();
    private final List<OnnxNode> after = new ArrayList<>();
    private OnnxNode node;

    Draft(OnnxGraph graph, OnnxNode node) {
      this.graph = graph;
      this.node = node;
    }

    List<OnnxNode> nodes() {
      List<OnnxNode> all = new ArrayList<>(before);
      all.add(node);
      all.addAll(after);
      return all;
    }

    boolean is(String opType) {
      return node.is(opType);
    }

    String opType() {
      return node.opType();
    }

    OnnxNode node() {
      return node;
    }

    void become(OnnxNode other) {
      node = other;
    }

    String input(int index) {
      return node.input(index).orElse("");
    }

    int outputCount() {
      return node.outputs().size();
    }

    long integer(String attribute, long fallback) {
      return node.integer(attribute, fallback);
    }

    void setInteger(String attribute, long value) {
      node = node.with(Attribute.integer(attribute, value));
    }

    Optional<String> text(String attribute) {
      return node.has(attribute) ? Optional.of(node.string(attribute, "")) : Optional.empty();
    }

    void text(String attribute, String value) {
      node = node.with(Attribute.string(attribute, value));
    }

    void textIfMissing(String attribute, String value) {
      if (!node.has(attribute)) {
        text(attribute, value);
      }
    }

    void drop(String attribute) {
      node = node.without(attribute);
    }

    void rename(String opType) {
      node = new OnnxNode(node.proto().toBuilder().setOpType(opType).build());
    }

    void inputs(List<String> inputs) {
      node = node.withInputs(inputs);
    }

    void setInput(int index, String value) {
      List<String> inputs = new ArrayList<>(node.inputs());
      while (inputs.size() <= index) {
        inputs.add("");
      }
      inputs.set(index, value);
      node = node.withInputs(inputs);
    }

    /** A Constant node before this one; the name of its value. */
    String constant(TensorValue tensor) {
      String name =
          graph.freshName(
              (node.outputs().isEmpty() ? node.opType() : node.output()) + "_" + tensor.name());
      before.add(
          OnnxNode.of(
              "Constant",
              "",
              List.of(),
              List.of(name),
              Attribute.tensor("value", tensor.named(name))));
      return name;
    }

    /** A Reshape before this node; the name of its result. */
    String reshaped(String value, String shape) {
      String name = graph.freshName(node.output() + "_reshaped");
      before.add(OnnxNode.of("Reshape", "", List.of(value, shape), List.of(name)));
      return name;
    }

    void integersToInput(String attribute, int index) {
      if (node.has(attribute)) {
        long[] values = node.ints(attribute);
        drop(attribute);
        setInput(index, constant(TensorValue.int64(attribute, values, values.length)));
      }
    }

    void integerToInput(String attribute, int index) {
      if (node.has(attribute)) {
        long value = node.integer(attribute, 0);
        drop(attribute);
        setInput(index, constant(TensorValue.int64(attribute, new long[] {value}, 1)));
      }
    }

    void floatsToInput(String attribute, int index) {
      if (node.has(attribute)) {
        float[] values = node.floats(attribute);
        drop(attribute);
        setInput(index, constant(TensorValue.floats(attribute, values, values.length)));
      }
    }

    void numberToInput(String attribute, int index, ElementType type) {
      if (node.has(attribute)) {
        float value = node.floating(attribute, 0);
        drop(attribute);
        setInput(index, constant(scalar(attribute, value, type)));
      }
    }

    private static TensorValue scalar(String name, float value, ElementType type) {
      return switch (type) {
        case FLOAT16 -> TensorValue.halves(name, new float[] {value});
        case DOUBLE ->
            TensorValue.raw(
                name,
                type,
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array());
        default -> TensorValue.floats(name, new float[] {value});
      };
    }

    /** Puts Flatten before and Reshape after the node, which then works on the last dimension. */
    void flattened(int axis) {
      String value = input(0);
      String shape = graph.freshName(node.output() + "_shape");
      String flat = graph.freshName(node.output() + "_flat");
      String done = graph.freshName(node.output() + "_done");
      before.add(OnnxNode.of("Shape", "", List.of(value), List.of(shape)));
      before.add(
          OnnxNode.of(
              "Flatten", "", List.of(value), List.of(flat), Attribute.integer("axis", axis)));
      after.add(OnnxNode.of("Reshape", "", List.of(done, shape), List.of(node.output())));
      node =
          node.withInputs(List.of(flat))
              .withOutputs(List.of(done))
              .with(Attribute.integer("axis", -1));
    }
  }
}
