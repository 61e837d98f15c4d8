package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Post-training quantization to 8-bit integers: unsigned activations, one scale a tensor; signed
 * symmetric weights in −127 … 127, one scale an output channel; 32-bit biases; written with
 * QuantizeLinear and DequantizeLinear such that ONNX Runtime computes with integers (Jacob et al.,
 * arXiv:1712.05877; Krishnamoorthi, arXiv:1806.08342).
 */
public final class Int8Quantization {
  private static final int LEAST_OPSET = 13;
  private static final int IMAGES_CHECKED = 16;

  private Int8Quantization() {}

  /**
   * Quantizes a model of one single-precision input.
   *
   * @throws CompressionException if the model has several inputs, an operator set before 13, or no
   *     node that can be quantized
   */
  public static Quantized quantize(
      OnnxGraph floatModel, CalibrationData data, Int8Options options) {
    long start = System.nanoTime();
    check(floatModel);
    OnnxGraph simple = Simplification.of(floatModel);
    if (options.equalize()) {
      CrossLayerEqualization.apply(simple);
    }
    IntegerPlan plan = IntegerPlan.of(simple, options.floatNodes());
    List<String> ranged = plan.ranged();
    if (ranged.isEmpty()) {
      throw new CompressionException(
          "the model has no convolution or matrix product with constant weights to quantize.%s"
              .formatted(
                  options.floatNodes().isEmpty() ? "" : " Maybe too many nodes are kept float."));
    }
    Map<String, ActivationStatistics.Seen> seen = watch(simple, plan, ranged, data, options);
    Map<String, Affine> parameters = new LinkedHashMap<>();
    for (String value : ranged) {
      parameters.put(value, affine(simple, plan, value, seen.get(value), options.calibrator()));
    }
    Map<String, double[]> means = new HashMap<>();
    seen.forEach((value, statistics) -> means.put(value, statistics.channelMeans()));
    QdqWriter writer = new QdqWriter(simple, plan, parameters, means, options);
    OnnxGraph quantized = writer.write();
    Map<String, String> names = finalNames(plan, simple, quantized, writer);
    byte[] bytes = quantized.toBytes();
    Comparison comparison = Comparison.of(simple, quantized, names, data, IMAGES_CHECKED);
    List<TensorError> errors = new ArrayList<>();
    for (String value : ranged) {
      Affine affine = parameters.get(value);
      Histogram histogram = seen.get(value).histogram();
      errors.add(
          new TensorError(
              value,
              affine.min(),
              affine.max(),
              Decibels.ratio(Ranges.squares(histogram), Ranges.squaredError(histogram, affine)),
              comparison.tensorDecibels().getOrDefault(value, Double.NaN)));
    }
    return new Quantized(
        quantized,
        new QuantizationReport(
            FusionReport.of(simple, plan, quantized, names, writer.weightDecibels()),
            errors,
            floatModel.toBytes().length,
            bytes.length,
            comparison.outputDecibels(),
            comparison.fusionDecibels(),
            Math.min(options.images(), data.images()),
            (System.nanoTime() - start) / 1e9));
  }

  static void check(OnnxGraph model) {
    if (model.inputs().size() != 1) {
      throw new CompressionException(
          "the model has %d inputs, calibration feeds one. Maybe make the others constants."
              .formatted(model.inputs().size()));
    }
    if (model.opset() < LEAST_OPSET) {
      throw new CompressionException(
          "the model uses operator set %d, per-channel quantization needs %d. Maybe export it anew with opset 17."
              .formatted(model.opset(), LEAST_OPSET));
    }
  }

  private static Map<String, ActivationStatistics.Seen> watch(
      OnnxGraph graph,
      IntegerPlan plan,
      List<String> ranged,
      CalibrationData data,
      Int8Options options) {
    Set<String> watched = new LinkedHashSet<>(ranged);
    Map<String, Integer> channels = new HashMap<>();
    for (OnnxNode node : graph.nodes()) {
      if (plan.role(node) == IntegerPlan.Role.WEIGHTED && !node.is("MatMul")) {
        String input = node.inputs().getFirst();
        channels.put(input, WeightedNode.of(graph, node).inputChannels());
        watched.add(input);
      }
    }
    return ActivationStatistics.collect(
        graph, List.copyOf(watched), channels, data, options.calibrator(), options.images());
  }

  /** The quantization of a value: its range, cut to what an absorbed clamp lets through. */
  private static Affine affine(
      OnnxGraph graph,
      IntegerPlan plan,
      String value,
      ActivationStatistics.Seen seen,
      Calibrator calibrator) {
    Optional<OnnxNode> producer = graph.producer(value);
    if (producer.isPresent() && plan.role(producer.get()) == IntegerPlan.Role.ABSORBED) {
      Clamp clamp = Clamp.of(graph, producer.get()).orElseThrow();
      if (producer.get().is("HardSigmoid")) {
        return Affine.unsigned8(0, 1);
      }
      Ranges.Range range = seen.range(calibrator);
      return Affine.unsigned8(
          Math.max(range.min(), clamp.min()), Math.min(range.max(), clamp.max()));
    }
    Ranges.Range range = seen.range(calibrator);
    return Affine.unsigned8(range.min(), range.max());
  }

  /** Shortens names; the final name of every planned node's result. */
  private static Map<String, String> finalNames(
      IntegerPlan plan, OnnxGraph simple, OnnxGraph quantized, QdqWriter writer) {
    Map<String, String> renamed = ShortNames.apply(quantized);
    Map<String, String> names = new LinkedHashMap<>();
    writer
        .quantizedNames()
        .forEach((value, integers) -> names.put(value, renamed.getOrDefault(integers, integers)));
    for (OnnxNode node : simple.nodes()) {
      if (plan.isInteger(node) && !names.containsKey(plan.result(node))) {
        names.put(plan.result(node), renamed.getOrDefault(plan.result(node), plan.result(node)));
      }
    }
    return names;
  }
}
