package dev.lathe.latency;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The kernels that ONNX Runtime's CPU provider runs for a graph, all optimisations on: convolution
 * with batch norm, residual sum and activation is one kernel; convolutions keep channels in blocks
 * ({@value #BLOCK} with AVX-512) where their numbers allow it and layout changes stand at the
 * borders; operators between DequantizeLinear and QuantizeLinear are integer kernels.
 */
public final class FusedKernels {
  /** Channels of a block of the blocked layout. */
  static final int BLOCK = 16;

  private static final int CHANNEL_ALIGNMENT = 4;
  private static final String[] FUSED_ACTIVATIONS = {
    "Relu", "Clip", "Sigmoid", "Tanh", "LeakyRelu", "HardSigmoid", "HardSwish"
  };
  private static final Set<String> FREE =
      Set.of(
          "Constant",
          "ConstantOfShape",
          "Identity",
          "Dropout",
          "Reshape",
          "Flatten",
          "Squeeze",
          "Unsqueeze",
          "Shape");

  private final OnnxGraph graph;
  private final Map<String, TensorType> types;
  private final IntegerGroups integers;
  private final Set<String> done = new HashSet<>();
  private final Set<String> blocked = new HashSet<>();
  private final Set<String> reordered = new HashSet<>();
  private final List<Kernel> kernels = new ArrayList<>();

  private FusedKernels(OnnxGraph graph, long batch) {
    this.graph = graph;
    this.types = ShapeInference.infer(graph, symbols(graph, batch));
    this.integers = new IntegerGroups(graph);
    for (OnnxNode node : graph.nodes()) {
      if (!node.outputs().isEmpty() && done.add(node.output())) {
        visit(node);
      }
    }
  }

  /**
   * The kernels of a graph in the order of its nodes. Weights may be shapes without data.
   *
   * @param batch size of every input's first dimension where the graph leaves it open
   * @throws OnnxException if a shape cannot be inferred
   */
  public static List<Kernel> of(OnnxGraph graph, long batch) {
    return List.copyOf(new FusedKernels(graph, batch).kernels);
  }

  private static Map<String, Long> symbols(OnnxGraph graph, long batch) {
    Map<String, Long> symbols = new HashMap<>(graph.assumed());
    for (ValueInfo input : graph.inputs()) {
      for (int axis = 0; axis < input.shape().size(); axis++) {
        if (input.shape().get(axis) instanceof Dimension.Symbolic(String symbol)) {
          if (axis > 0 && !symbols.containsKey(symbol)) {
            throw new OnnxException(
                "input '%s' leaves its dimension %d ('%s') open, so that its cost is not known. Maybe fix that dimension."
                    .formatted(input.name(), axis, symbol));
          }
          symbols.putIfAbsent(symbol, batch);
        }
      }
    }
    return symbols;
  }

  private void visit(OnnxNode node) {
    switch (node.opType()) {
      case "Conv" -> convolution(node);
      case "MatMul", "Gemm" -> matrixProduct(node);
      case "QuantizeLinear" -> quantize(node);
      case "DequantizeLinear" -> dequantize(node);
      case String op when FREE.contains(op) -> followLayout(node);
      case String op -> other(node, kind(op));
    }
  }

  private static KernelKind kind(String op) {
    return switch (op) {
      case "Add", "Sub", "Mul", "Div", "Min", "Max", "Pow", "Sqrt", "Neg", "Where", "Cast" ->
          KernelKind.ELEMENTWISE;
      case "Relu",
          "Clip",
          "Sigmoid",
          "Tanh",
          "LeakyRelu",
          "HardSigmoid",
          "HardSwish",
          "PRelu",
          "Elu",
          "Gelu",
          "Erf",
          "Softplus",
          "Mish" ->
          KernelKind.ACTIVATION;
      case "MaxPool", "AveragePool" -> KernelKind.POOL;
      case "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceSum", "ReduceMax", "ArgMax" ->
          KernelKind.REDUCTION;
      case "BatchNormalization",
          "LayerNormalization",
          "InstanceNormalization",
          "GroupNormalization",
          "Softmax",
          "LogSoftmax" ->
          KernelKind.NORMALIZATION;
      case "Transpose", "Concat", "Slice", "Split", "Gather", "Resize", "Pad", "Expand", "Tile" ->
          KernelKind.COPY;
      default -> KernelKind.OTHER;
    };
  }

  private void convolution(OnnxNode node) {
    TensorType input = type(node.inputs().get(0));
    TensorType output = type(node.output());
    TensorType weight = type(node.inputs().get(1));
    long group = node.integer("group", 1);
    long channelsIn = input.dim(1);
    long channelsOut = output.dim(1);
    long pixels = output.elements() / channelsOut;
    long window = weight.elements() / (weight.dim(0) * weight.dim(1));
    long macs = output.elements() * weight.dim(1) * window;
    boolean integer = integers.contains(node);
    KernelKind kind =
        group > 1
            ? weight.dim(1) == 1 ? KernelKind.DEPTHWISE : KernelKind.GROUPED
            : window > 1
                ? KernelKind.DENSE
                : pixels == output.dim(0) ? KernelKind.VECTOR : KernelKind.POINTWISE;
    List<String> nodes = new ArrayList<>(List.of(node.label()));
    String activation = "";
    long inputElements = input.elements();
    String result = node.output();
    if (integer) {
      activation = absorbInteger(node, nodes);
    } else {
      boolean blockable = blockable(kind, channelsIn, channelsOut, group);
      boolean plainInput = !blockable || (kind != KernelKind.DEPTHWISE && channelsIn < BLOCK);
      layout(node.inputs().get(0), !plainInput);
      OnnxNode last = absorbNormalization(node, nodes);
      Optional<OnnxNode> direct = activationAfter(last);
      if (direct.isEmpty() && blockable) {
        Optional<OnnxNode> sum = residualAfter(last);
        if (sum.isPresent()) {
          OnnxNode add = sum.get();
          for (String addend : add.inputs()) {
            if (!addend.equals(last.output())) {
              layout(addend, true);
            }
          }
          inputElements += output.elements();
          take(add, nodes);
          last = add;
          direct = activationAfter(last);
        }
      }
      if (direct.isPresent()) {
        last = direct.get();
        activation = last.opType();
        take(last, nodes);
      }
      result = last.output();
      if (blockable) {
        blocked.add(result);
      }
    }
    kernels.add(
        new Kernel(
            kind,
            integer,
            nodes,
            activation,
            macs,
            inputElements,
            output.elements(),
            weight.elements(),
            channelsIn,
            channelsOut,
            pixels,
            window));
  }

  /** Whether ONNX Runtime gives a convolution's output the blocked layout. */
  private static boolean blockable(KernelKind kind, long channelsIn, long channelsOut, long group) {
    return switch (kind) {
      case DEPTHWISE -> channelsOut == group && channelsOut % CHANNEL_ALIGNMENT == 0;
      case GROUPED -> channelsIn / group % BLOCK == 0 && channelsOut / group % BLOCK == 0;
      default -> channelsIn < BLOCK || channelsIn % CHANNEL_ALIGNMENT == 0;
    };
  }

  private String absorbInteger(OnnxNode node, List<String> nodes) {
    String activation = "";
    for (OnnxNode consumer : graph.consumers(node.output())) {
      if (integers.together(node, consumer)) {
        take(consumer, nodes);
        if (!consumer.is("QuantizeLinear")) {
          activation = consumer.opType();
          for (OnnxNode quantize : graph.consumers(consumer.output())) {
            take(quantize, nodes);
          }
        }
      }
    }
    return activation;
  }

  private OnnxNode absorbNormalization(OnnxNode node, List<String> nodes) {
    Optional<OnnxNode> norm = soleConsumer(node).filter(n -> n.is("BatchNormalization"));
    norm.ifPresent(n -> take(n, nodes));
    return norm.orElse(node);
  }

  private Optional<OnnxNode> activationAfter(OnnxNode node) {
    return soleConsumer(node)
        .filter(n -> n.isOneOf(FUSED_ACTIVATIONS) && n.inputs().getFirst().equals(node.output()));
  }

  private Optional<OnnxNode> residualAfter(OnnxNode node) {
    return soleConsumer(node)
        .filter(n -> n.is("Add") && n.inputs().size() == 2)
        .filter(n -> !done.contains(n.output()))
        .filter(
            n ->
                n.inputs().stream()
                    .allMatch(
                        value ->
                            !isConstant(value)
                                && type(value).equals(type(node.output()))
                                && (value.equals(node.output()) || blocked.contains(value))));
  }

  private void matrixProduct(OnnxNode node) {
    TensorType left = type(node.inputs().get(0));
    TensorType right = type(node.inputs().get(1));
    TensorType output = type(node.output());
    boolean transposed = node.is("Gemm") && node.integer("transA", 0) != 0;
    long inner = left.dim(transposed ? 0 : -1);
    List<String> nodes = new ArrayList<>(List.of(node.label()));
    boolean integer = integers.contains(node);
    if (integer) {
      absorbInteger(node, nodes);
    } else {
      node.inputs().stream().filter(v -> !v.isEmpty()).forEach(v -> layout(v, false));
    }
    boolean weights = isConstant(node.inputs().get(1));
    kernels.add(
        Kernel.plain(
            KernelKind.MATMUL,
            integer,
            nodes,
            output.elements() * inner,
            left.elements() + (weights ? 0 : right.elements()),
            output.elements(),
            weights ? right.elements() : 0));
  }

  private void quantize(OnnxNode node) {
    layout(node.inputs().get(0), false);
    long elements = type(node.inputs().get(0)).elements();
    kernels.add(
        Kernel.plain(KernelKind.QUANTIZE, false, List.of(node.label()), 0, elements, elements, 0));
  }

  private void dequantize(OnnxNode node) {
    if (graph.consumers(node.output()).stream().allMatch(integers::contains)
        && !graph.isOutput(node.output())) {
      return;
    }
    boolean constant = isConstant(node.inputs().get(0));
    long elements = type(node.output()).elements();
    kernels.add(
        Kernel.plain(
            KernelKind.QUANTIZE,
            false,
            List.of(node.label()),
            0,
            constant ? 0 : elements,
            elements,
            constant ? elements : 0));
  }

  private void other(OnnxNode node, KernelKind kind) {
    if (node.inputs().stream().allMatch(v -> v.isEmpty() || isConstant(v))) {
      return;
    }
    List<String> nodes = new ArrayList<>(List.of(node.label()));
    boolean integer = integers.contains(node);
    long input = 0;
    long weights = 0;
    boolean staysBlocked = !integer && staysBlocked(node, kind);
    for (String value : node.inputs()) {
      if (value.isEmpty()) {
        continue;
      }
      long elements = type(value).elements();
      if (isConstant(value)) {
        weights += elements;
      } else {
        input += elements;
        if (!integer) {
          layout(value, staysBlocked);
        }
      }
    }
    if (integer) {
      absorbInteger(node, nodes);
    } else if (staysBlocked) {
      blocked.add(node.output());
    }
    long output = type(node.output()).elements();
    String activation = kind == KernelKind.ACTIVATION ? node.opType() : "";
    kernels.add(
        new Kernel(kind, integer, nodes, activation, 0, input, output, weights, 0, 0, 0, 0));
  }

  private boolean staysBlocked(OnnxNode node, KernelKind kind) {
    TensorType output = type(node.output());
    return switch (kind) {
      case POOL, ACTIVATION -> blocked.contains(node.inputs().getFirst());
      case REDUCTION ->
          node.isOneOf("GlobalAveragePool", "GlobalMaxPool")
              && blocked.contains(node.inputs().getFirst());
      case ELEMENTWISE ->
          node.isOneOf("Add", "Mul")
              && node.inputs().stream()
                  .allMatch(v -> blocked.contains(v) && type(v).equals(output));
      case COPY ->
          node.is("Concat")
              && node.integer("axis", 1) == 1
              && node.inputs().stream()
                  .allMatch(v -> blocked.contains(v) && type(v).dim(1) % BLOCK == 0);
      default -> false;
    };
  }

  /** A node that only renames or reshapes: it runs nothing, but needs the plain layout. */
  private void followLayout(OnnxNode node) {
    if (node.isOneOf("Identity", "Dropout")) {
      if (blocked.contains(node.inputs().getFirst())) {
        blocked.add(node.output());
      }
    } else if (!node.inputs().isEmpty()) {
      layout(node.inputs().getFirst(), false);
    }
    for (OnnxNode consumer : graph.consumers(node.output())) {
      if (integers.together(node, consumer)) {
        done.add(consumer.output());
      }
    }
  }

  /** Adds the layout change that a consumer needs, once a value and direction. */
  private void layout(String value, boolean wantsBlocked) {
    if (isConstant(value) || blocked.contains(value) == wantsBlocked) {
      return;
    }
    TensorType type = type(value);
    if (type.rank() != 4 || !reordered.add(value)) {
      return;
    }
    kernels.add(
        Kernel.plain(KernelKind.REORDER, false, List.of(), 0, type.elements(), type.elements(), 0));
  }

  private void take(OnnxNode node, List<String> nodes) {
    if (done.add(node.output())) {
      nodes.add(node.label());
    }
  }

  private Optional<OnnxNode> soleConsumer(OnnxNode node) {
    List<OnnxNode> consumers = graph.consumers(node.output());
    return consumers.size() == 1 && !graph.isOutput(node.output())
        ? Optional.of(consumers.getFirst())
        : Optional.empty();
  }

  /** Whether a value is a constant, or a constant dequantised. */
  private boolean isConstant(String value) {
    if (graph.initializer(value).isPresent()) {
      return true;
    }
    return graph
        .producer(value)
        .filter(
            n ->
                n.is("Constant")
                    || (n.isOneOf("DequantizeLinear", "Identity", "Cast")
                        && isConstant(n.inputs().getFirst())))
        .isPresent();
  }

  private TensorType type(String value) {
    TensorType type = types.get(value);
    if (type == null) {
      type = graph.initializer(value).map(TensorValue::tensorType).orElse(null);
    }
    if (type == null) {
      throw new OnnxException(
          "the shape of value '%s' is not known. Maybe it depends on data, or an operator before it is not supported."
              .formatted(value));
    }
    return type;
  }
}
