package dev.lathe.compress.fixed;

import dev.lathe.compress.Clamp;
import dev.lathe.compress.CompressionException;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the network in fixed point back from the ONNX model that {@link FixedOnnxWriter} wrote, so
 * that a device needs nothing but the file.
 */
public final class FixedOnnxReader {
  private static final String WANTED = "Maybe compress the model with the form 'fixed' first.";

  private final OnnxGraph graph;
  private final Map<String, TensorType> types;
  private final Map<String, FixedTensor> tensors = new HashMap<>();
  private final List<FixedLayer> layers = new ArrayList<>();

  private FixedOnnxReader(OnnxGraph graph) {
    this.graph = graph;
    this.types = ShapeInference.infer(graph, graph.symbols(1, Map.of()));
  }

  /** Whether a model quantizes by powers of two alone, as networks in fixed point do. */
  public static boolean isFixed(OnnxGraph graph) {
    List<OnnxNode> quantizations =
        graph.nodes().stream().filter(node -> node.is("QuantizeLinear")).toList();
    return !quantizations.isEmpty()
        && quantizations.stream()
            .allMatch(
                node ->
                    graph
                        .initializer(node.inputs().get(1))
                        .filter(scale -> scale.elements() == 1)
                        .filter(scale -> fraction(scale.floats()[0]).isPresent())
                        .isPresent());
  }

  /**
   * The network of a model.
   *
   * @throws CompressionException naming the node that is not of fixed point
   */
  public static FixedNetwork read(OnnxGraph graph) {
    return new FixedOnnxReader(graph).network();
  }

  private FixedNetwork network() {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw new CompressionException(
          "a network in fixed point has one input and one output, this has %d and %d."
              .formatted(graph.inputs().size(), graph.outputs().size()));
    }
    Optional<FixedTensor> input = Optional.empty();
    for (OnnxNode node : graph.nodes()) {
      switch (node.opType()) {
        case "QuantizeLinear" -> {
          FixedTensor made = quantization(node);
          if (node.inputs().getFirst().equals(graph.inputs().getFirst().name())) {
            input = Optional.of(made);
          }
        }
        case "MaxPool" -> {
          FixedTensor from = tensor(node, 0);
          FixedTensor to = shaped(node.output(), from.format());
          layers.add(
              new FixedLayer.Maximum(from, FixedPlan.window(node, node.ints("kernel_shape")), to));
          tensors.put(node.output(), to);
        }
        case "Flatten" -> {
          FixedTensor from = tensor(node, 0);
          tensors.put(
              node.output(), new FixedTensor(from.name(), from.size(), 1, 1, from.format()));
        }
        case "DequantizeLinear", "Conv", "Gemm", "Add", "GlobalAveragePool", "Relu", "Clip" -> {}
        default -> throw refused(node, "this operator");
      }
    }
    FixedTensor output = tensors.get(graph.outputs().getFirst().name());
    if (input.isEmpty() || output == null) {
      throw new CompressionException("input or output are not quantized. " + WANTED);
    }
    return new FixedNetwork(input.get(), layers, output, 0);
  }

  /** The tensor that a quantization makes, and the layer before it. */
  private FixedTensor quantization(OnnxNode quantize) {
    FixedFormat format = format(quantize);
    OnnxNode dequantize =
        graph.consumers(quantize.output()).stream()
            .filter(node -> node.is("DequantizeLinear"))
            .findFirst()
            .orElseThrow(() -> refused(quantize, "no DequantizeLinear behind it"));
    String real = quantize.inputs().getFirst();
    FixedTensor to = shaped(dequantize.output(), format);
    tensors.put(dequantize.output(), to);
    if (real.equals(graph.inputs().getFirst().name())) {
      return to;
    }
    OnnxNode node = producer(quantize, real);
    Clamp clamp = new Clamp(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    boolean clamps = node.isOneOf("Relu", "Clip");
    if (clamps && !tensors.containsKey(node.inputs().getFirst())) {
      clamp = clamp(node);
      node = producer(node, node.inputs().getFirst());
    }
    layers.add(layer(node, clamp, to));
    return to;
  }

  private FixedLayer layer(OnnxNode node, Clamp clamp, FixedTensor to) {
    return switch (node.opType()) {
      case "Conv", "Gemm" -> products(node, clamp, to);
      case "Add" ->
          new FixedLayer.Sum(
              tensor(node, 0), tensor(node, 1), least(clamp, to), greatest(clamp, to), to);
      case "GlobalAveragePool" -> new FixedLayer.Mean(tensor(node, 0), to);
      case "Relu", "Clip" -> {
        Clamp own = clamp(node);
        Clamp both = new Clamp(Math.max(clamp.min(), own.min()), Math.min(clamp.max(), own.max()));
        yield new FixedLayer.Clamped(tensor(node, 0), least(both, to), greatest(both, to), to);
      }
      default -> throw refused(node, "this operator before a quantization");
    };
  }

  private FixedLayer products(OnnxNode node, Clamp clamp, FixedTensor to) {
    FixedTensor from = tensor(node, 0);
    OnnxNode weightNode = producer(node, node.inputs().get(1));
    OnnxNode biasNode = producer(node, node.input(2).orElseThrow(() -> refused(node, "no bias")));
    TensorValue weights = constant(node, weightNode);
    long[] dims = weights.dims();
    boolean turned = node.is("Gemm") && node.integer("transB", 0) == 0;
    long[] raw = weights.longs();
    int[] integers = new int[raw.length];
    int columns = raw.length / to.channels();
    for (int i = 0; i < integers.length; i++) {
      integers[i] = (int) raw[turned ? i % columns * to.channels() + i / columns : i];
    }
    FixedFormat weightFormat =
        new FixedFormat(8, fractionOf(node, weightNode.inputs().get(1)), true);
    long[] bias = constant(node, biasNode).longs();
    int sumFraction = from.format().fraction() + weightFormat.fraction();
    if (fractionOf(node, biasNode.inputs().get(1)) != sumFraction) {
      throw refused(node, "a bias at another binary point than its products");
    }
    int[] biases = new int[bias.length];
    for (int i = 0; i < biases.length; i++) {
      biases[i] = (int) bias[i];
    }
    return new FixedLayer.Products(
        from,
        integers,
        weightFormat,
        biases,
        node.is("Conv")
            ? FixedPlan.window(node, dims[2], dims[3])
            : new FixedLayer.Window(1, 1, 1, 1, 0, 0, 1, 1),
        (int) node.integer("group", 1),
        least(clamp, to),
        greatest(clamp, to),
        to);
  }

  private static int least(Clamp clamp, FixedTensor to) {
    return (int)
        Math.max(to.format().least(), Math.rint(Math.scalb(clamp.min(), to.format().fraction())));
  }

  private static int greatest(Clamp clamp, FixedTensor to) {
    return (int)
        Math.min(
            to.format().greatest(), Math.rint(Math.scalb(clamp.max(), to.format().fraction())));
  }

  private Clamp clamp(OnnxNode node) {
    return Clamp.of(graph, node).orElseThrow(() -> refused(node, "bounds that are no constants"));
  }

  private OnnxNode producer(OnnxNode reader, String value) {
    return graph
        .producer(value)
        .orElseThrow(() -> refused(reader, "an input '%s' that no node makes".formatted(value)));
  }

  private TensorValue constant(OnnxNode reader, OnnxNode dequantize) {
    return graph
        .initializer(dequantize.inputs().getFirst())
        .orElseThrow(() -> refused(reader, "weights or a bias that are no constants"));
  }

  private FixedTensor tensor(OnnxNode node, int input) {
    FixedTensor tensor = tensors.get(node.inputs().get(input));
    if (tensor == null) {
      throw refused(
          node, "an input '%s' that is not quantized".formatted(node.inputs().get(input)));
    }
    return tensor;
  }

  private FixedTensor shaped(String name, FixedFormat format) {
    TensorType type = types.get(name);
    if (type == null || type.dims().length != 4 && type.dims().length != 2) {
      throw new CompressionException(
          "value '%s' is neither an image nor a vector. %s".formatted(name, WANTED));
    }
    long[] dims = type.dims();
    boolean image = dims.length == 4;
    return new FixedTensor(
        name, (int) dims[1], image ? (int) dims[2] : 1, image ? (int) dims[3] : 1, format);
  }

  private FixedFormat format(OnnxNode quantize) {
    ElementType type =
        quantize
            .input(2)
            .flatMap(graph::initializer)
            .map(TensorValue::type)
            .orElse(ElementType.UINT8);
    int width =
        switch (type) {
          case INT8, UINT8 -> 8;
          case INT16, UINT16 -> 16;
          default -> throw refused(quantize, "integers of type " + type);
        };
    boolean signed = type == ElementType.INT8 || type == ElementType.INT16;
    return new FixedFormat(width, fractionOf(quantize, quantize.inputs().get(1)), signed);
  }

  private int fractionOf(OnnxNode node, String scale) {
    return graph
        .initializer(scale)
        .filter(tensor -> tensor.elements() == 1)
        .flatMap(tensor -> fraction(tensor.floats()[0]))
        .orElseThrow(() -> refused(node, "a scale that is no power of two"));
  }

  /** Bits after the binary point for a scale; empty if it is no power of two. */
  private static Optional<Integer> fraction(float scale) {
    int exponent = Math.getExponent(scale);
    return scale > 0 && Math.scalb(1f, exponent) == scale
        ? Optional.of(-exponent)
        : Optional.empty();
  }

  private static CompressionException refused(OnnxNode node, String problem) {
    return new CompressionException(
        "%s is not of a network in fixed point: %s. %s".formatted(node.label(), problem, WANTED));
  }
}
