package dev.lathe.graph;

import dev.lathe.graph.Operator.BatchNorm;
import dev.lathe.graph.Operator.Conv2d;
import dev.lathe.graph.Operator.Pool2d;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a network as an ONNX graph to be run, batch norms folded into the convolutions before
 * them, or without weights, to be costed. The batch dimension stays symbolic, as {@code N}.
 */
public final class OnnxExporter {
  /** HardSwish came with opset 14; every runtime in use today reads 17. */
  public static final int OPSET = 17;

  private static final String BATCH = "N";

  private final NetworkGraph network;
  private final Optional<Source> source;
  private final OnnxGraph onnx;
  private final Map<String, String> renamed = new HashMap<>();

  /** Where the numbers of an export come from. */
  public interface Source {
    /** The values of a weight reference, row-major. */
    float[] values(WeightRef reference);

    /** The statistics of the network's batch norms. */
    NormStatistics statistics();
  }

  private OnnxExporter(NetworkGraph network, String name, Optional<Source> source) {
    this.network = network;
    this.source = source;
    this.onnx = OnnxGraph.create(name, OPSET);
  }

  /** The network with its weights. */
  public static OnnxGraph export(NetworkGraph network, String name, Source source) {
    return new OnnxExporter(network, name, Optional.of(source)).run();
  }

  /** The network with the shapes of its weights alone: the same nodes as {@link #export} gives. */
  public static OnnxGraph outline(NetworkGraph network, String name) {
    return new OnnxExporter(network, name, Optional.empty()).run();
  }

  private OnnxGraph run() {
    network.inputs().forEach((name, shape) -> onnx.addInput(info(name, shape)));
    for (Node node : network.nodes()) {
      add(node);
    }
    for (String output : network.outputs()) {
      String exported = value(output);
      if (!exported.equals(output)) {
        onnx.add(OnnxNode.of("Identity", output, List.of(exported), List.of(output)));
      }
      onnx.addOutput(info(output, network.shapes().get(output)));
    }
    return onnx;
  }

  private static ValueInfo info(String name, TensorShape shape) {
    List<Dimension> dimensions = new ArrayList<>();
    dimensions.add(Dimension.of(BATCH));
    shape.dimensions().forEach(size -> dimensions.add(Dimension.of(size)));
    return new ValueInfo(name, ElementType.FLOAT, dimensions);
  }

  private String value(String name) {
    return renamed.getOrDefault(name, name);
  }

  private void add(Node node) {
    switch (node.operator()) {
      case Conv2d conv -> convolution(node, conv);
      case BatchNorm norm -> {
        if (foldedInto(node).isPresent()) {
          renamed.put(node.output(), value(node.inputs().getFirst()));
        } else {
          normalization(node, norm);
        }
      }
      case Operator.Linear linear -> {
        List<String> inputs = new ArrayList<>(List.of(value(node.inputs().getFirst())));
        inputs.add(initializer(node.name() + ".w", linear.weight()));
        linear.bias().ifPresent(bias -> inputs.add(initializer(node.name() + ".b", bias)));
        emit("Gemm", node, inputs, Attribute.integer("transB", 1));
      }
      case Operator.Activate activate -> activation(node, activate.function());
      case Pool2d pool -> pool(node, pool);
      case Operator.GlobalAveragePool _ -> emit("GlobalAveragePool", node, operands(node));
      case Operator.Flatten _ -> emit("Flatten", node, operands(node));
      case Operator.Add _ -> emit("Add", node, operands(node));
      case Operator.Multiply _ -> emit("Mul", node, operands(node));
      case Operator.Concat _ -> emit("Concat", node, operands(node), Attribute.integer("axis", 1));
    }
  }

  private List<String> operands(Node node) {
    return node.inputs().stream().map(this::value).toList();
  }

  private void emit(String opType, Node node, List<String> inputs, Attribute... attributes) {
    onnx.add(OnnxNode.of(opType, node.name(), inputs, List.of(node.output()), attributes));
  }

  private void activation(Node node, Activation function) {
    switch (function) {
      case RELU -> emit("Relu", node, operands(node));
      case RELU6 -> {
        List<String> inputs = new ArrayList<>(operands(node));
        inputs.add(scalar("zero", 0));
        inputs.add(scalar("six", 6));
        emit("Clip", node, inputs);
      }
      case HARD_SWISH -> emit("HardSwish", node, operands(node));
      case HARD_SIGMOID ->
          emit(
              "HardSigmoid",
              node,
              operands(node),
              Attribute.floating("alpha", 1 / 6f),
              Attribute.floating("beta", 0.5f));
    }
  }

  private void pool(Node node, Pool2d pool) {
    Attribute kernel = Attribute.ints("kernel_shape", pool.kernel(), pool.kernel());
    Attribute strides = Attribute.ints("strides", pool.stride(), pool.stride());
    Attribute pads = pads(pool.padding());
    switch (pool.kind()) {
      case MAXIMUM -> emit("MaxPool", node, operands(node), kernel, strides, pads);
      case AVERAGE -> emit("AveragePool", node, operands(node), kernel, strides, pads);
    }
  }

  private static Attribute pads(int padding) {
    return Attribute.ints("pads", padding, padding, padding, padding);
  }

  private String scalar(String name, float value) {
    if (onnx.initializer(name).isEmpty()) {
      onnx.addInitializer(TensorValue.floats(name, new float[] {value}));
    }
    return name;
  }

  private void convolution(Node node, Conv2d conv) {
    Optional<Node> norm = normAfter(node);
    String weight = node.name() + ".w";
    String bias = node.name() + ".b";
    if (source.isEmpty()) {
      outline(weight, conv.weight().shape());
      outline(bias, List.of(conv.outChannels()));
    } else {
      float[] weights = source.get().values(conv.weight()).clone();
      float[] biases =
          conv.bias()
              .map(source.get()::values)
              .map(float[]::clone)
              .orElse(new float[conv.outChannels()]);
      norm.ifPresent(found -> fold(found, weights, biases));
      onnx.addInitializer(TensorValue.floats(weight, weights, dims(conv.weight().shape())));
      onnx.addInitializer(TensorValue.floats(bias, biases, conv.outChannels()));
    }
    emit(
        "Conv",
        node,
        List.of(value(node.inputs().getFirst()), weight, bias),
        Attribute.ints("kernel_shape", conv.kernel(), conv.kernel()),
        Attribute.ints("strides", conv.stride(), conv.stride()),
        pads(conv.padding()),
        Attribute.integer("group", conv.groups()));
  }

  /** W' = W · γ/σ and b' = β + (b − μ) · γ/σ for each output channel. */
  private void fold(Node node, float[] weights, float[] biases) {
    BatchNorm norm = (BatchNorm) node.operator();
    Source numbers = source.orElseThrow();
    float[] scale = numbers.values(norm.scale());
    float[] shift = numbers.values(norm.shift());
    NormStatistics.Moments moments = numbers.statistics().of(node.name());
    int each = weights.length / biases.length;
    for (int c = 0; c < biases.length; c++) {
      double gain = scale[c] / Math.sqrt(moments.variance()[c] + norm.epsilon());
      for (int i = c * each; i < (c + 1) * each; i++) {
        weights[i] = (float) (weights[i] * gain);
      }
      biases[c] = (float) (shift[c] + (biases[c] - moments.mean()[c]) * gain);
    }
  }

  private void normalization(Node node, BatchNorm norm) {
    List<String> inputs = new ArrayList<>(List.of(value(node.inputs().getFirst())));
    inputs.add(initializer(node.name() + ".s", norm.scale()));
    inputs.add(initializer(node.name() + ".b", norm.shift()));
    long channels = norm.scale().count();
    for (String kind : List.of("mean", "var")) {
      String name = node.name() + "." + kind;
      if (source.isEmpty()) {
        onnx.addInitializer(TensorValue.shapeOnly(name, ElementType.FLOAT, channels));
      } else {
        NormStatistics.Moments moments = source.get().statistics().of(node.name());
        float[] values = kind.equals("mean") ? moments.mean() : moments.variance();
        onnx.addInitializer(TensorValue.floats(name, values, channels));
      }
      inputs.add(name);
    }
    emit("BatchNormalization", node, inputs, Attribute.floating("epsilon", (float) norm.epsilon()));
  }

  private String initializer(String name, WeightRef reference) {
    if (source.isEmpty()) {
      outline(name, reference.shape());
    } else {
      onnx.addInitializer(
          TensorValue.floats(name, source.get().values(reference), dims(reference.shape())));
    }
    return name;
  }

  private void outline(String name, List<Integer> shape) {
    onnx.addInitializer(TensorValue.shapeOnly(name, ElementType.FLOAT, dims(shape)));
  }

  private static long[] dims(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).toArray();
  }

  /** The batch norm that alone reads a convolution's output. */
  private Optional<Node> normAfter(Node convolution) {
    List<Node> readers = network.consumers(convolution.output());
    return readers.size() == 1
            && readers.getFirst().operator() instanceof BatchNorm
            && !network.outputs().contains(convolution.output())
        ? Optional.of(readers.getFirst())
        : Optional.empty();
  }

  private Optional<Node> foldedInto(Node norm) {
    return network.nodes().stream()
        .filter(node -> node.output().equals(norm.inputs().getFirst()))
        .filter(node -> node.operator() instanceof Conv2d)
        .filter(node -> normAfter(node).filter(norm::equals).isPresent())
        .findFirst();
  }
}
