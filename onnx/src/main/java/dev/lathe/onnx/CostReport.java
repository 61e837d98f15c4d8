package dev.lathe.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a graph costs to run, per node and in sum. Constants of shape arithmetic (64-bit integers,
 * booleans, strings) and the scales and zero points of quantized values are not counted as
 * parameters, but as bytes.
 *
 * @param nodes costs in the order in which the graph runs
 * @param macs multiply-accumulate operations
 * @param parameters weights and biases
 * @param parameterBytes bytes of all constants
 * @param activationBytes bytes of all results of nodes
 * @param peakActivationBytes the most bytes of activations that must be kept at one time, when each
 *     is freed after its last use and nothing is computed in place
 */
public record CostReport(
    List<NodeCost> nodes,
    long macs,
    long parameters,
    long parameterBytes,
    long activationBytes,
    long peakActivationBytes) {
  /** What they make are sequences of tensors, which have no shape and are not counted. */
  private static final Set<String> SEQUENCES =
      Set.of(
          "SequenceConstruct",
          "SequenceEmpty",
          "SequenceErase",
          "SequenceInsert",
          "SequenceMap",
          "SplitToSequence");

  public CostReport {
    nodes = List.copyOf(nodes);
  }

  /**
   * Costs a graph for inputs of {@code batch} items.
   *
   * @throws OnnxException if a shape cannot be inferred, naming the node
   */
  public static CostReport of(OnnxGraph graph, long batch) {
    return cost(graph, ShapeInference.infer(graph, batch));
  }

  /**
   * Costs a graph whose symbolic dimensions have these sizes.
   *
   * @throws OnnxException if a shape cannot be inferred, naming the node
   */
  public static CostReport of(OnnxGraph graph, Map<String, Long> symbols) {
    return cost(graph, ShapeInference.infer(graph, symbols));
  }

  /**
   * Costs a graph whose shapes are known.
   *
   * @param types of all its values, by name
   * @throws OnnxException if one is missing, naming its node
   */
  public static CostReport cost(OnnxGraph graph, Map<String, TensorType> types) {
    List<OnnxNode> nodes = graph.nodes();
    Map<String, Integer> lastUse = lastUse(graph, nodes);
    long live = 0;
    for (ValueInfo input : graph.inputs()) {
      live += types.get(input.name()).bytes();
    }
    Set<String> seen = new HashSet<>();
    List<NodeCost> costs = new ArrayList<>();
    long peak = live;
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      boolean constant = node.is("Constant");
      long outputBytes = 0;
      for (String value : node.outputs()) {
        if (!value.isEmpty() && !constant && lastUse.containsKey(value)) {
          outputBytes += type(types, node, value).bytes();
        }
      }
      live += outputBytes;
      peak = Math.max(peak, live);
      long parameters = 0;
      long parameterBytes = 0;
      for (int k = 0; k < node.inputs().size(); k++) {
        Optional<TensorValue> tensor = graph.constant(node.inputs().get(k));
        if (tensor.isPresent() && seen.add(tensor.get().name())) {
          parameterBytes += tensor.get().bytes();
          parameters += isParameter(node, k, tensor.get()) ? tensor.get().elements() : 0;
        }
      }
      costs.add(
          new NodeCost(
              node.name().isEmpty() && !node.outputs().isEmpty() ? node.output() : node.name(),
              node.opType(),
              checkedMacs(node, types),
              parameters,
              parameterBytes,
              outputBytes,
              live));
      live -= freed(graph, node, i, lastUse, types);
    }
    return new CostReport(
        costs,
        costs.stream().mapToLong(NodeCost::macs).sum(),
        costs.stream().mapToLong(NodeCost::parameters).sum(),
        costs.stream().mapToLong(NodeCost::parameterBytes).sum(),
        costs.stream().mapToLong(NodeCost::outputBytes).sum(),
        peak);
  }

  private static Map<String, Integer> lastUse(OnnxGraph graph, List<OnnxNode> nodes) {
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      if (node.domain().isEmpty() && SEQUENCES.contains(node.opType())) {
        continue;
      }
      for (String value : node.outputs()) {
        // A second output that nobody reads, such as the mask of a Dropout, is not kept.
        if (value.equals(node.output()) || !graph.consumers(value).isEmpty()) {
          last.put(value, graph.isCaptured(value) ? Integer.MAX_VALUE : i);
        }
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).inputs()) {
        if (last.containsKey(value) || graph.producer(value).isEmpty()) {
          last.merge(value, i, Math::max);
        }
      }
    }
    graph
        .outputs()
        .forEach(
            output -> {
              if (last.containsKey(output.name()) || graph.producer(output.name()).isEmpty()) {
                last.put(output.name(), Integer.MAX_VALUE);
              }
            });
    return last;
  }

  private static long freed(
      OnnxGraph graph,
      OnnxNode node,
      int index,
      Map<String, Integer> lastUse,
      Map<String, TensorType> types) {
    Set<String> done = new HashSet<>(node.inputs());
    done.addAll(node.outputs());
    done.remove("");
    long bytes = 0;
    for (String value : done) {
      if (lastUse.getOrDefault(value, -1) == index && graph.constant(value).isEmpty()) {
        bytes += type(types, node, value).bytes();
      }
    }
    return bytes;
  }

  private static boolean isParameter(OnnxNode node, int input, TensorValue tensor) {
    return switch (tensor.type()) {
      case INT64, BOOL, STRING -> false;
      default ->
          switch (node.opType()) {
            case "QuantizeLinear", "DequantizeLinear" -> input == 0;
            case "QLinearConv" -> input == 3 || input == 8;
            case "QGemm" -> input == 3 || input == 6;
            case "QLinearMatMul" -> input == 3;
            case "MatMulIntegerToFloat" -> input == 1 || input == 6;
            case "MatMulNBits" -> input == 1;
            case "Clip",
                "Resize",
                "Pad",
                "QLinearAdd",
                "QLinearMul",
                "QLinearConcat",
                "QLinearGlobalAveragePool",
                "QLinearSigmoid",
                "QLinearLeakyRelu",
                "QLinearAveragePool" ->
                false;
            default -> true;
          };
    };
  }

  private static long checkedMacs(OnnxNode node, Map<String, TensorType> types) {
    try {
      return macs(node, types);
    } catch (ArithmeticException | IndexOutOfBoundsException e) {
      throw new OnnxException(
          "%s cannot be costed (%s). Maybe an input is missing, or a shape is wrong."
              .formatted(node.label(), e.getMessage()),
          e);
    }
  }

  private static long macs(OnnxNode node, Map<String, TensorType> types) {
    return switch (node.opType()) {
      case "Conv", "FusedConv", "ConvInteger" -> convolution(node, types, 1);
      case "QLinearConv" -> convolution(node, types, 3);
      case "ConvTranspose" -> {
        long[] weight = type(types, node, node.inputs().get(1)).dims();
        weight[0] = 1;
        yield Math.multiplyExact(
            type(types, node, node.inputs().getFirst()).elements(), TensorType.elements(weight));
      }
      case "Gemm", "FusedGemm", "QGemm" -> {
        boolean transposed = node.integer("transA", 0) != 0;
        TensorType left = type(types, node, node.inputs().getFirst());
        yield Math.multiplyExact(
            type(types, node, node.output()).elements(), left.dim(transposed ? 0 : 1));
      }
      case "MatMul",
          "MatMulInteger",
          "QLinearMatMul",
          "FusedMatMul",
          "MatMulNBits",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul" -> {
        TensorType left = type(types, node, node.inputs().getFirst());
        boolean transposed = node.integer("transA", 0) != 0;
        long inner = left.rank() == 0 ? 1 : left.dim(transposed && left.rank() > 1 ? -2 : -1);
        yield Math.multiplyExact(type(types, node, node.output()).elements(), inner);
      }
      default -> 0;
    };
  }

  private static long convolution(OnnxNode node, Map<String, TensorType> types, int weightInput) {
    long[] weight = type(types, node, node.inputs().get(weightInput)).dims();
    weight[0] = 1;
    return Math.multiplyExact(
        type(types, node, node.output()).elements(), TensorType.elements(weight));
  }

  private static TensorType type(Map<String, TensorType> types, OnnxNode node, String value) {
    TensorType type = types.get(value);
    if (type == null) {
      throw new OnnxException(
          "the shape of value '%s' of %s is not known. Maybe the operator is unknown here; run ONNX shape inference on the file first."
              .formatted(value, node.label()));
    }
    return type;
  }
}
