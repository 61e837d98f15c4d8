package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/**
 * Decides which nodes of a graph compute with integers, such that ONNX Runtime fuses each of them:
 * a convolution with nothing but a clamp between it and its QuantizeLinear, everything else with
 * its inputs dequantized directly before and its output quantized directly after it.
 */
final class IntegerPlan {
  /** What a node does in the quantized graph. */
  enum Role {
    /** Convolution or matrix product with constant weights. */
    WEIGHTED,
    /** Integer arithmetic between activations: Add, Mul, Concat, pools, look-up tables. */
    FOLLOWING,
    /** Moves elements only; works on the quantized values themselves. */
    PASSING,
    /** A clamp (or affine clamp) that the quantization of the node before does. */
    ABSORBED,
    /** Stays as it is. */
    FLOAT
  }

  private final OnnxGraph graph;
  private final Set<String> kept;
  private final int activationBits;
  private final Map<OnnxNode, Role> roles = new LinkedHashMap<>();
  private final Map<OnnxNode, String> reasons = new HashMap<>();

  private IntegerPlan(OnnxGraph graph, Set<String> kept, int activationBits) {
    this.graph = graph;
    this.kept = kept;
    this.activationBits = activationBits;
  }

  /** Plans a simplified graph; nodes named in {@code kept} stay float. */
  static IntegerPlan of(OnnxGraph graph, Set<String> kept, int activationBits) {
    IntegerPlan plan = new IntegerPlan(graph, kept, activationBits);
    plan.weighted();
    plan.following();
    plan.useful();
    plan.clamps();
    return plan;
  }

  Role role(OnnxNode node) {
    return roles.get(node);
  }

  /** Why a node stays float, for people. */
  String reason(OnnxNode node) {
    return reasons.getOrDefault(node, "has no integer form here");
  }

  /** Why no node with weights can be integer: each reason with a node that it holds for. */
  String whyNone() {
    Map<String, String> found = new LinkedHashMap<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.isOneOf("Conv", "Gemm", "MatMul")) {
        found.putIfAbsent(reason(node), "%s '%s'".formatted(node.opType(), nameOf(node)));
      } else if (node.isOneOf("LSTM", "GRU", "RNN", "ConvTranspose", "Einsum")
          || !node.domain().isEmpty()) {
        found.putIfAbsent(
            "ONNX Runtime has no integer form of it that takes part here",
            "%s '%s'".formatted(node.opType(), nameOf(node)));
      }
    }
    StringJoiner text = new StringJoiner("; ");
    found.forEach((why, node) -> text.add(node + ": " + why));
    return found.isEmpty() ? "it has no convolution and no matrix product" : text.toString();
  }

  static String nameOf(OnnxNode node) {
    return node.name().isEmpty() ? node.output() : node.name();
  }

  boolean isInteger(OnnxNode node) {
    Role role = roles.get(node);
    return role != null && role != Role.FLOAT && role != Role.ABSORBED;
  }

  /** The clamp that a node's quantization does in its stead, if any. */
  Optional<OnnxNode> absorbedBy(OnnxNode node) {
    return graph.consumers(node.output()).stream()
        .filter(consumer -> roles.get(consumer) == Role.ABSORBED)
        .findFirst();
  }

  /** The value that is quantized after a node: its output, or that of the clamp it absorbs. */
  String result(OnnxNode node) {
    return absorbedBy(node).map(OnnxNode::output).orElse(node.output());
  }

  /** Whether a node's result is quantized; if not it is an integer node of floating output. */
  boolean quantizesResult(OnnxNode node) {
    boolean mustBe = !node.isOneOf("Gemm", "MatMul");
    return mustBe || absorbedBy(node).isPresent() || hasIntegerConsumer(node.output());
  }

  /** The activations of a node, weights and other constants left out. */
  List<String> activations(OnnxNode node) {
    boolean all = formOf(node) == Role.FOLLOWING;
    return (all ? node.inputs() : node.inputs().subList(0, 1))
        .stream().filter(value -> !value.isEmpty() && graph.initializer(value).isEmpty()).toList();
  }

  /** All values that must be quantized with parameters of their own, in order. */
  List<String> ranged() {
    Set<String> values = new LinkedHashSet<>();
    for (OnnxNode node : graph.nodes()) {
      if (isInteger(node)) {
        activations(node).stream().filter(value -> !isPassed(value)).forEach(values::add);
        if (roles.get(node) != Role.PASSING && quantizesResult(node)) {
          values.add(result(node));
        }
      }
    }
    return List.copyOf(values);
  }

  /** Whether a value has the quantization of what it was made from. */
  boolean isPassed(String value) {
    return graph.producer(value).filter(node -> roles.get(node) == Role.PASSING).isPresent();
  }

  private void weighted() {
    for (OnnxNode node : graph.nodes()) {
      roles.put(node, Role.FLOAT);
      if (!node.isOneOf("Conv", "Gemm", "MatMul")) {
        continue;
      }
      if (kept.contains(nameOf(node))) {
        reasons.put(node, "kept float by choice");
        continue;
      }
      Optional<TensorValue> weight = graph.initializer(node.inputs().get(1));
      if (weight.isEmpty()) {
        reasons.put(node, "its second operand is no constant");
      } else if (node.input(2).isPresent() && !isVector(node.inputs().get(2))) {
        reasons.put(node, "its bias is no constant vector");
      } else if (node.is("MatMul") && weight.get().rank() != 2) {
        reasons.put(node, "its weights are no matrix");
      } else if (weight.get().type() != ElementType.FLOAT) {
        reasons.put(node, "its weights are %s".formatted(weight.get().type()));
      } else if (node.is("Conv") && weight.get().rank() > 5) {
        reasons.put(node, "ONNX Runtime has no such integer convolution");
      } else if (node.is("Gemm")
          && (node.floating("alpha", 1) != 1
              || node.floating("beta", 1) != 1
              || node.integer("transA", 0) != 0)) {
        reasons.put(node, "its alpha, beta or transA cannot be folded into constants");
      } else {
        roles.put(node, Role.WEIGHTED);
      }
    }
  }

  private boolean isVector(String name) {
    return graph.initializer(name).filter(tensor -> tensor.rank() == 1).isPresent();
  }

  private void following() {
    for (OnnxNode node : graph.nodes()) {
      if (roles.get(node) != Role.FLOAT || reasons.containsKey(node)) {
        continue;
      }
      Role role = formOf(node) == Role.ABSORBED ? clampForm(node) : formOf(node);
      if (role == Role.FLOAT) {
        continue;
      }
      if (kept.contains(nameOf(node))) {
        reasons.put(node, "kept float by choice");
      } else if (activations(node).size() != inputsThatMatter(node, role)) {
        reasons.put(node, "one of its operands is a constant");
      } else if (activations(node).stream().noneMatch(this::isQuantized)) {
        reasons.put(node, "none of its inputs is integer");
      } else if (node.outputs().stream().anyMatch(graph::isCaptured)) {
        reasons.put(node, "its output is used inside a nested graph");
      } else {
        roles.put(node, role);
      }
    }
  }

  private static int inputsThatMatter(OnnxNode node, Role role) {
    return role == Role.FOLLOWING
        ? (int) node.inputs().stream().filter(value -> !value.isEmpty()).count()
        : 1;
  }

  private Role formOf(OnnxNode node) {
    return switch (node.domain().isEmpty() ? node.opType() : "") {
      case "Add", "Mul", "Concat", "GlobalAveragePool", "AveragePool", "Sigmoid", "LeakyRelu" ->
          Role.FOLLOWING;
      case "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze" -> Role.PASSING;
      // ONNX Runtime has no 16-bit form of these.
      case "Slice", "DepthToSpace", "SpaceToDepth" ->
          activationBits == 8 ? Role.PASSING : Role.FLOAT;
      case "MaxPool" ->
          node.outputs().size() == 1 && graph.opset() >= 12 && activationBits == 8
              ? Role.PASSING
              : Role.FLOAT;
      case "Relu", "Clip", "HardSigmoid" -> Role.ABSORBED;
      default -> Role.FLOAT;
    };
  }

  /** A clamp can be absorbed where an integer node makes its input for it alone. */
  private Role clampForm(OnnxNode clamp) {
    String input = clamp.inputs().getFirst();
    Optional<OnnxNode> before = graph.producer(input);
    boolean alone =
        before.isPresent() && graph.consumers(input).size() == 1 && !graph.isOutput(input);
    if (!alone || !isArithmetic(before.get())) {
      reasons.put(clamp, "the node before it is not integer, or has other readers");
      return Role.FLOAT;
    }
    return switch (clamp.opType()) {
      case "Relu" -> Role.ABSORBED;
      case "Clip" -> Clamp.of(graph, clamp).isPresent() ? Role.ABSORBED : Role.FLOAT;
      default -> before.get().is("Conv") ? Role.ABSORBED : Role.FLOAT;
    };
  }

  private boolean isArithmetic(OnnxNode node) {
    Role role = roles.get(node);
    return role == Role.WEIGHTED
        || role == Role.FOLLOWING && node.isOneOf("Add", "Mul", "Concat", "AveragePool");
  }

  /** Whether a value will be there in quantized form anyway. */
  private boolean isQuantized(String value) {
    Optional<OnnxNode> producer = graph.producer(value);
    if (producer.isPresent() && roles.get(producer.get()) != Role.FLOAT) {
      return true;
    }
    return graph.consumers(value).stream()
        .anyMatch(
            consumer ->
                roles.get(consumer) == Role.WEIGHTED && consumer.inputs().getFirst().equals(value));
  }

  /** A node that only follows is of use where an integer node with weights comes after it. */
  private void useful() {
    List<OnnxNode> nodes = graph.nodes();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      OnnxNode node = nodes.get(i);
      Role role = roles.get(node);
      if (role == Role.FLOAT || role == Role.WEIGHTED) {
        continue;
      }
      boolean useful =
          graph.consumers(node.output()).stream().anyMatch(c -> roles.get(c) != Role.FLOAT)
              && !graph.isOutput(node.output());
      boolean afterConvolution =
          role == Role.ABSORBED
              && graph.producer(node.inputs().getFirst()).filter(b -> b.is("Conv")).isPresent();
      if (!useful && !afterConvolution) {
        roles.put(node, Role.FLOAT);
        reasons.put(node, "no integer node reads its output");
      }
    }
  }

  /** A clamp whose maker has lost its integer form is a node of its own again. */
  private void clamps() {
    for (OnnxNode node : graph.nodes()) {
      if (roles.get(node) == Role.ABSORBED
          && !isArithmetic(graph.producer(node.inputs().getFirst()).orElseThrow())) {
        roles.put(node, Role.FLOAT);
        reasons.put(node, "the node before it is not integer");
      }
    }
  }

  private boolean hasIntegerConsumer(String value) {
    return graph.consumers(value).stream().anyMatch(this::isInteger);
  }
}
