package dev.lathe.compress.fixed;

import dev.lathe.compress.Clamp;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.WeightRows;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The layers of a simplified graph, without the formats of its tensors. */
final class FixedPlan {
  private static final int MOST_SHIFT = 40;
  private static final Clamp FREE = new Clamp(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** A node with the clamp that it does itself, and the value that is there afterwards. */
  private record Step(OnnxNode node, Clamp clamp, String result) {}

  private final OnnxGraph graph;
  private final FixedSettings settings;
  private final Map<String, TensorType> types;
  private final List<Step> steps = new ArrayList<>();
  private final Map<String, FixedWeights> weights = new HashMap<>();
  private final Set<String> nonNegative = new HashSet<>();

  private FixedPlan(OnnxGraph graph, FixedSettings settings) {
    this.graph = graph;
    this.settings = settings;
    this.types = ShapeInference.infer(graph, graph.symbols(1, Map.of()));
  }

  static FixedPlan of(OnnxGraph graph, FixedSettings settings) {
    if (graph.inputs().size() != 1 || graph.outputs().size() != 1) {
      throw new CompressionException(
          "fixed point is for models of one input and one output, this has %d and %d."
              .formatted(graph.inputs().size(), graph.outputs().size()));
    }
    List<Dimension> shape = graph.inputs().getFirst().shape();
    if (!shape.isEmpty() && shape.getFirst() instanceof Dimension.Fixed(long batch) && batch > 1) {
      throw new CompressionException(
          "fixed point is for one input at a time, the model takes %d. Maybe export it with a batch of 1."
              .formatted(batch));
    }
    FixedPlan plan = new FixedPlan(graph, settings);
    Set<OnnxNode> absorbed = new HashSet<>();
    for (OnnxNode node : graph.nodes()) {
      if (!absorbed.contains(node)) {
        plan.add(node, absorbed);
      }
    }
    return plan;
  }

  private void add(OnnxNode node, Set<OnnxNode> absorbed) {
    Clamp clamp = FREE;
    String result = node.output();
    if (node.isOneOf("Conv", "Gemm", "Add")) {
      Optional<OnnxNode> next = onlyReader(node).filter(reader -> clampOf(reader).isPresent());
      if (next.isPresent()) {
        clamp = clampOf(next.get()).orElseThrow();
        result = next.get().output();
        absorbed.add(next.get());
      }
    }
    switch (node.opType()) {
      case "Conv", "Gemm" -> checkWeights(node);
      case "Add" -> {
        check(node, node.inputs().stream().allMatch(this::isActivation), "a constant");
        check(
            node,
            node.inputs().stream().allMatch(input -> sameShape(input, node.output())),
            "operands of different shapes");
      }
      case "Relu", "Clip" -> {
        check(node, clampOf(node).isPresent(), "bounds that are no constants around 0");
        clamp = clampOf(node).orElseThrow();
      }
      case "MaxPool" ->
          check(
              node,
              node.outputs().size() == 1 && node.integer("ceil_mode", 0) == 0,
              "indices or ceil_mode");
      case "Flatten" -> check(node, node.integer("axis", 1) == 1, "another axis than 1");
      case "GlobalAveragePool" -> {}
      default ->
          throw new CompressionException(
              "%s has no fixed-point form here. Maybe replace it by Conv, Gemm, Add, Relu, Clip, MaxPool or GlobalAveragePool."
                  .formatted(node.label()));
    }
    check(node, node.string("auto_pad", "NOTSET").equals("NOTSET"), "auto_pad");
    boolean kept = node.isOneOf("MaxPool", "Flatten", "GlobalAveragePool");
    boolean positive =
        kept && nonNegative.contains(node.inputs().getFirst())
            || node.is("Add") && nonNegative.containsAll(node.inputs());
    if (positive || clamp.min() >= 0) {
      nonNegative.add(result);
    }
    steps.add(new Step(node, clamp, result));
  }

  private boolean sameShape(String one, String other) {
    return Arrays.equals(types.get(one).dims(), types.get(other).dims());
  }

  private boolean isActivation(String value) {
    return graph.initializer(value).isEmpty();
  }

  private static void check(OnnxNode node, boolean holds, String problem) {
    if (!holds) {
      throw new CompressionException(
          "%s has no fixed-point form here: it has %s.".formatted(node.label(), problem));
    }
  }

  private void checkWeights(OnnxNode node) {
    check(
        node, WeightRows.nodes(graph, 1).contains(node), "weights that are not its own constants");
    WeightRows rows = WeightRows.of(graph, node);
    check(node, rows.node().bias().length == rows.rows(), "no constant bias");
    check(
        node,
        node.is("Conv") ? rows.node().dims().length == 4 : WeightRows.isMatrix(node),
        "other than two dimensions, or factors");
    weights.put(
        node.output(), FixedWeights.of(rows.values(), settings.weightBits(), settings.hot()));
  }

  private Optional<OnnxNode> onlyReader(OnnxNode node) {
    List<OnnxNode> readers = graph.consumers(node.output());
    return readers.size() == 1 && !graph.isOutput(node.output())
        ? Optional.of(readers.getFirst())
        : Optional.empty();
  }

  private Optional<Clamp> clampOf(OnnxNode node) {
    return node.isOneOf("Relu", "Clip") ? Clamp.of(graph, node) : Optional.empty();
  }

  /** The values that have formats of their own, in order. */
  List<String> ranged() {
    List<String> values = new ArrayList<>();
    values.add(graph.inputs().getFirst().name());
    for (Step step : steps) {
      if (!step.node().isOneOf("MaxPool", "Flatten")) {
        values.add(step.result());
      }
    }
    return values;
  }

  boolean isNonNegative(String value) {
    return nonNegative.contains(value);
  }

  /** The network with these formats of its values. */
  FixedNetwork network(Map<String, FixedFormat> formats) {
    String inputName = graph.inputs().getFirst().name();
    Map<String, FixedTensor> tensors = new HashMap<>();
    FixedTensor input = tensor(inputName, formats.get(inputName));
    tensors.put(inputName, input);
    List<FixedLayer> layers = new ArrayList<>();
    for (Step step : steps) {
      OnnxNode node = step.node();
      FixedTensor from = tensors.get(node.inputs().getFirst());
      if (node.is("Flatten")) {
        tensors.put(step.result(), new FixedTensor(from.name(), from.size(), 1, 1, from.format()));
        continue;
      }
      FixedTensor to = tensor(step.result(), formats.getOrDefault(step.result(), from.format()));
      FixedLayer layer =
          switch (node.opType()) {
            case "Conv", "Gemm" -> products(step, from, to);
            case "Add" ->
                new FixedLayer.Sum(
                    from,
                    tensors.get(node.inputs().get(1)),
                    least(step, to),
                    greatest(step, to),
                    to);
            case "GlobalAveragePool" -> new FixedLayer.Mean(from, to);
            case "MaxPool" ->
                new FixedLayer.Maximum(from, window(node, node.ints("kernel_shape")), to);
            default -> new FixedLayer.Clamped(from, least(step, to), greatest(step, to), to);
          };
      layers.add(layer);
      tensors.put(step.result(), to);
    }
    FixedTensor output = tensors.get(graph.outputs().getFirst().name());
    return new FixedNetwork(input, layers, output, settings.hot());
  }

  private FixedTensor tensor(String name, FixedFormat format) {
    long[] dims = types.get(name).dims();
    if (dims.length != 4 && dims.length != 2) {
      throw new CompressionException(
          "value '%s' has %d dimensions, fixed point takes images or vectors."
              .formatted(name, dims.length));
    }
    return new FixedTensor(
        name,
        (int) dims[1],
        dims.length == 4 ? (int) dims[2] : 1,
        dims.length == 4 ? (int) dims[3] : 1,
        format);
  }

  private static int least(Step step, FixedTensor to) {
    return Math.max(
        to.format().least(),
        (int) Math.rint(Math.scalb(step.clamp().min(), to.format().fraction())));
  }

  private static int greatest(Step step, FixedTensor to) {
    return Math.min(
        to.format().greatest(),
        (int) Math.rint(Math.scalb(step.clamp().max(), to.format().fraction())));
  }

  private FixedLayer products(Step step, FixedTensor from, FixedTensor to) {
    OnnxNode node = step.node();
    WeightRows rows = WeightRows.of(graph, node);
    FixedWeights fixed = weights.get(node.output());
    int fraction = from.format().fraction() + fixed.format().fraction();
    check(node, Math.abs(fraction - to.format().fraction()) <= MOST_SHIFT, "numbers too far apart");
    int[] bias = new int[rows.rows()];
    for (int i = 0; i < bias.length; i++) {
      double scaled = Math.rint(Math.scalb((double) rows.node().bias()[i], fraction));
      check(
          node,
          Math.abs(scaled) <= Integer.MAX_VALUE,
          "a bias that needs more than 32 bits beside these inputs and weights");
      bias[i] = (int) scaled;
    }
    long[] dims = rows.node().dims();
    FixedLayer.Window window =
        node.is("Conv")
            ? window(node, dims[2], dims[3])
            : new FixedLayer.Window(1, 1, 1, 1, 0, 0, 1, 1);
    return new FixedLayer.Products(
        from,
        fixed.integers(),
        fixed.format(),
        bias,
        window,
        (int) node.integer("group", 1),
        least(step, to),
        greatest(step, to),
        to);
  }

  static FixedLayer.Window window(OnnxNode node, long... kernel) {
    long[] strides = node.ints("strides", 1, 1);
    long[] pads = node.ints("pads", 0, 0, 0, 0);
    long[] dilations = node.ints("dilations", 1, 1);
    return new FixedLayer.Window(
        (int) kernel[0],
        (int) kernel[1],
        (int) strides[0],
        (int) strides[1],
        (int) pads[0],
        (int) pads[1],
        (int) dilations[0],
        (int) dilations[1]);
  }
}
