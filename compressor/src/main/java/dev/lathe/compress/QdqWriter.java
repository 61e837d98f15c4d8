package dev.lathe.compress;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a planned graph with QuantizeLinear and DequantizeLinear nodes. Every value is quantized
 * and dequantized once; equal scales and zero points are one constant.
 */
final class QdqWriter {
  private final OnnxGraph source;
  private final OnnxGraph graph;
  private final IntegerPlan plan;
  private final Map<String, Affine> parameters;
  private final Map<String, double[]> inputMeans;
  private final Int8Options options;
  private final Map<String, String> quantized = new LinkedHashMap<>();
  private final Map<String, String> dequantized = new HashMap<>();
  private final Map<String, Double> weightDecibels = new LinkedHashMap<>();
  private final Map<String, String> constants = new HashMap<>();
  private final Map<String, String> dequantizedConstants = new HashMap<>();

  /**
   * @param parameters quantization of each value of {@link IntegerPlan#ranged}
   * @param inputMeans mean of each channel of the values that weighted nodes read
   */
  QdqWriter(
      OnnxGraph source,
      IntegerPlan plan,
      Map<String, Affine> parameters,
      Map<String, double[]> inputMeans,
      Int8Options options) {
    this.source = source;
    this.graph = source.copy();
    this.plan = plan;
    this.parameters = parameters;
    this.inputMeans = inputMeans;
    this.options = options;
  }

  /** The quantized graph. */
  OnnxGraph write() {
    if (options.activationBits() == 16) {
      graph.opset("com.microsoft", 1);
    }
    for (OnnxNode node : source.nodes()) {
      switch (plan.role(node)) {
        case FLOAT -> keep(node);
        case ABSORBED -> graph.remove(node);
        case PASSING -> pass(node);
        case FOLLOWING -> compute(node, node);
        case WEIGHTED -> compute(node, withQuantizedWeights(node));
      }
    }
    graph.removeUnused();
    return graph;
  }

  /** The name of each quantized value's integers in the written graph, by its name before. */
  Map<String, String> quantizedNames() {
    return quantized;
  }

  /** Signal to noise of the quantized weights by node name. */
  Map<String, Double> weightDecibels() {
    return weightDecibels;
  }

  private void keep(OnnxNode node) {
    List<String> inputs = new ArrayList<>();
    for (String value : node.inputs()) {
      inputs.add(isIntegerBorn(value) ? dequantize(value) : value);
    }
    if (!inputs.equals(node.inputs())) {
      graph.replace(node, List.of(node.withInputs(inputs)));
    }
  }

  private void pass(OnnxNode node) {
    String from = quantize(node.inputs().getFirst());
    String to = graph.freshName("q");
    quantized.put(node.output(), to);
    graph.replace(node, List.of(node.withInput(0, from).withOutputs(List.of(to))));
    expose(node.output());
  }

  private void compute(OnnxNode old, OnnxNode node) {
    List<String> inputs = new ArrayList<>(node.inputs());
    List<String> activations = plan.activations(old);
    for (int i = 0; i < old.inputs().size(); i++) {
      if (activations.contains(old.inputs().get(i))) {
        inputs.set(i, dequantize(old.inputs().get(i)));
      }
    }
    OnnxNode rewired = node.withInputs(inputs);
    if (!plan.quantizesResult(old)) {
      graph.replace(old, List.of(rewired));
      return;
    }
    String result = plan.result(old);
    String real = graph.freshName("f");
    String integers = graph.freshName("q");
    quantized.put(result, integers);
    Affine affine = parameters(result);
    graph.replace(
        old,
        List.of(
            rewired.withOutputs(List.of(real)), scaled("QuantizeLinear", real, affine, integers)));
    expose(result);
  }

  /** Makes the floating form of a value under its own name where the model must give it. */
  private void expose(String value) {
    if (source.isOutput(value) || source.isCaptured(value)) {
      dequantized.put(value, value);
      addDequantize(value, value);
    }
  }

  private boolean isIntegerBorn(String value) {
    return quantized.containsKey(value)
        && source
            .producer(value)
            .filter(node -> plan.isInteger(node) || plan.role(node) == IntegerPlan.Role.ABSORBED)
            .isPresent();
  }

  private String quantize(String value) {
    String known = quantized.get(value);
    if (known != null) {
      return known;
    }
    Affine affine = parameters(value);
    String name = graph.freshName("q");
    graph.add(scaled("QuantizeLinear", value, affine, name));
    quantized.put(value, name);
    return name;
  }

  private String dequantize(String value) {
    String known = dequantized.get(value);
    if (known != null) {
      return known;
    }
    quantize(value);
    String name = graph.freshName("d");
    dequantized.put(value, name);
    addDequantize(value, name);
    return name;
  }

  private void addDequantize(String value, String name) {
    Affine affine = parameters(value);
    graph.add(scaled("DequantizeLinear", quantized.get(value), affine, name));
  }

  /** The quantization of a value, or of the value that it was only moved from. */
  private Affine parameters(String value) {
    String at = value;
    while (plan.isPassed(at)) {
      at = source.producer(at).orElseThrow().inputs().getFirst();
    }
    Affine affine = parameters.get(at);
    if (affine == null) {
      throw new IllegalStateException("value '%s' has no range".formatted(at));
    }
    return affine;
  }

  private OnnxNode withQuantizedWeights(OnnxNode node) {
    WeightedNode weighted = affineOf(node, WeightedNode.of(source, node));
    Affine input = parameters(node.inputs().getFirst());
    QuantizedWeights weights =
        QuantizedWeights.of(weighted, options.weights(), options.reducedRange(), input.scale());
    weightDecibels.put(IntegerPlan.nameOf(node), weights.sqnrDecibels());
    List<String> inputs = new ArrayList<>();
    inputs.add(node.inputs().getFirst());
    String scales = constant(TensorValue.floats("s", weights.scales(), weights.scales().length));
    String zeros =
        constant(TensorValue.int8("z", new byte[weighted.channels()], weighted.channels()));
    String values = constant(TensorValue.int8("w", weights.values(), weighted.dims()));
    inputs.add(dequantizeConstant(values, scales, zeros, weighted.outputAxis()));
    if (weighted.bias().length > 0) {
      double[] means = inputMeans.getOrDefault(node.inputs().getFirst(), new double[0]);
      float[] bias =
          options.correctBias() && means.length > 0
              ? BiasCorrection.correct(weighted, weights, means)
              : weighted.bias();
      inputs.add(bias(bias, weights.scales(), input.scale()));
    }
    return node.withInputs(inputs);
  }

  /** A convolution before a HardSigmoid computes its affine part too; the clamp does the rest. */
  private WeightedNode affineOf(OnnxNode node, WeightedNode weighted) {
    OnnxNode clamp = plan.absorbedBy(node).orElse(node);
    if (!clamp.is("HardSigmoid")) {
      return weighted;
    }
    float alpha = clamp.floating("alpha", 0.2f);
    float beta = clamp.floating("beta", 0.5f);
    float[] weight = weighted.weight();
    float[] bias = weighted.bias();
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= alpha;
    }
    for (int i = 0; i < bias.length; i++) {
      bias[i] = bias[i] * alpha + beta;
    }
    return weighted;
  }

  private String bias(float[] bias, float[] weightScales, float inputScale) {
    int channels = bias.length;
    float[] scales = new float[channels];
    int[] values = new int[channels];
    for (int channel = 0; channel < channels; channel++) {
      scales[channel] = inputScale * weightScales[channel];
      values[channel] =
          (int)
              Math.clamp(
                  Math.rint((double) bias[channel] / scales[channel]),
                  -Integer.MAX_VALUE,
                  Integer.MAX_VALUE);
    }
    return dequantizeConstant(
        constant(TensorValue.int32("b", values, channels)),
        constant(TensorValue.floats("s", scales, channels)),
        constant(TensorValue.int32("z", new int[channels], channels)),
        0);
  }

  private String dequantizeConstant(String values, String scales, String zeros, int axis) {
    String key = values + " " + scales + " " + axis;
    String known = dequantizedConstants.get(key);
    if (known != null) {
      return known;
    }
    String name = graph.freshName("d");
    dequantizedConstants.put(key, name);
    graph.add(
        OnnxNode.of(
            "DequantizeLinear",
            "",
            List.of(values, scales, zeros),
            List.of(name),
            Attribute.integer("axis", axis)));
    return name;
  }

  /** ONNX's own operators know 16 bits since operator set 21 only, ONNX Runtime's always. */
  private OnnxNode scaled(String operator, String from, Affine affine, String to) {
    String domain = options.activationBits() == 8 ? "" : "com.microsoft";
    return OnnxNode.of(
        domain, operator, "", List.of(from, scale(affine), zeroPoint(affine)), List.of(to));
  }

  private String scale(Affine affine) {
    return constant(TensorValue.floats("s", new float[] {affine.scale()}));
  }

  private String zeroPoint(Affine affine) {
    int zero = affine.zeroPoint();
    return constant(
        options.activationBits() == 8
            ? TensorValue.uint8("z", new byte[] {(byte) zero})
            : TensorValue.raw(
                "z", ElementType.UINT16, new byte[] {(byte) zero, (byte) (zero >> 8)}));
  }

  /** Adds a constant, or finds an equal one: branches may share their weights. */
  private String constant(TensorValue tensor) {
    String key = tensor.tensorType() + digest(tensor.toByteArray());
    return constants.computeIfAbsent(key, unused -> graph.addConstant(tensor));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
