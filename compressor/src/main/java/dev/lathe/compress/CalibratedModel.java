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
 * A simplified float model with what calibration data showed of its activations. From it quantized
 * models are written, with any of its nodes left float, without running the data again.
 */
public final class CalibratedModel {
  private static final int LEAST_OPSET = 13;
  private static final int IMAGES_CHECKED = 16;

  /** A quantized model as it is written. */
  record Draft(
      OnnxGraph model, IntegerPlan plan, Map<String, String> names, Map<String, Double> weights) {}

  private final OnnxGraph simple;
  private final CalibrationData data;
  private final Int8Options options;
  private final long floatBytes;
  private final Map<String, ActivationStatistics.Seen> seen = new HashMap<>();
  private final Map<String, Ranges.Range> ranges = new HashMap<>();

  private CalibratedModel(
      OnnxGraph simple, CalibrationData data, Int8Options options, long floatBytes) {
    this.simple = simple;
    this.data = data;
    this.options = options;
    this.floatBytes = floatBytes;
  }

  /**
   * Prepares a model and watches it run on calibration data.
   *
   * @throws CompressionException if the model cannot be quantized
   */
  public static CalibratedModel of(
      OnnxGraph floatModel, CalibrationData data, Int8Options options) {
    check(floatModel);
    OnnxGraph simple = Simplification.of(floatModel);
    if (options.equalize()) {
      CrossLayerEqualization.apply(simple);
    }
    CalibratedModel model = new CalibratedModel(simple, data, options, floatModel.bytes());
    IntegerPlan plan = IntegerPlan.of(simple, options.floatNodes(), options.activationBits());
    if (plan.ranged().isEmpty()) {
      throw new CompressionException(
          "no node of the model can compute with integers (%s). Maybe weights8 makes it smaller."
              .formatted(plan.whyNone()));
    }
    model.watch(plan);
    return model;
  }

  private static void check(OnnxGraph model) {
    if (model.opset() < LEAST_OPSET) {
      throw new CompressionException(
          "the model uses operator set %d, per-channel quantization needs %d. Maybe export it anew with opset 17."
              .formatted(model.opset(), LEAST_OPSET));
    }
  }

  /** The float model that is quantized. */
  public OnnxGraph simple() {
    return simple;
  }

  /** Names of the nodes with weights that can become integer, in order. */
  public List<String> candidates() {
    IntegerPlan plan = IntegerPlan.of(simple, options.floatNodes(), options.activationBits());
    return simple.nodes().stream()
        .filter(node -> plan.role(node) == IntegerPlan.Role.WEIGHTED)
        .map(IntegerPlan::nameOf)
        .toList();
  }

  /** The model with all nodes quantized but those of the options and these. */
  Draft draft(Set<String> floatNodes) {
    Set<String> kept = new LinkedHashSet<>(options.floatNodes());
    kept.addAll(floatNodes);
    IntegerPlan plan = IntegerPlan.of(simple, kept, options.activationBits());
    watch(plan);
    Map<String, Affine> parameters = parameters(plan);
    Map<String, double[]> means = new HashMap<>();
    seen.forEach((value, statistics) -> means.put(value, statistics.channelMeans()));
    QdqWriter writer = new QdqWriter(simple, plan, parameters, means, options);
    OnnxGraph quantized = writer.write();
    StoredBytes.apply(quantized, kept);
    quantized.removeUnused();
    return new Draft(quantized, plan, finalNames(plan, quantized, writer), writer.weightDecibels());
  }

  /**
   * The model with integers in all nodes but these.
   *
   * @param floatNodes names of nodes; a node without a name goes by its first output
   */
  public OnnxGraph quantized(Set<String> floatNodes) {
    return draft(floatNodes).model();
  }

  /** Checks a draft against the float model and reports on it. */
  Quantized finish(Draft draft, double seconds) {
    Comparison comparison =
        Comparison.of(simple, draft.model(), draft.names(), data, IMAGES_CHECKED);
    List<TensorError> errors = new ArrayList<>();
    parameters(draft.plan())
        .forEach(
            (value, affine) -> {
              Histogram histogram = seen.get(value).histogram();
              errors.add(
                  new TensorError(
                      value,
                      affine.min(),
                      affine.max(),
                      Decibels.ratio(
                          Ranges.squares(histogram), Ranges.squaredError(histogram, affine)),
                      comparison.tensorDecibels().getOrDefault(value, Double.NaN)));
            });
    return new Quantized(
        draft.model(),
        new QuantizationReport(
            FusionReport.of(
                simple,
                draft.plan(),
                draft.model(),
                draft.names(),
                draft.weights(),
                options.activationBits() == 8
                    ? "ONNX Runtime did not fuse it with its neighbours' quantization"
                    : "ONNX Runtime computes 16-bit activations in floating point"),
            errors,
            floatBytes,
            draft.model().bytes(),
            comparison.worstDecibels(),
            comparison.fusionDecibels(),
            Math.min(options.images(), data.images()),
            seconds));
  }

  /** Watches the values that a plan needs and that were not watched yet. */
  private void watch(IntegerPlan plan) {
    Set<String> wanted = new LinkedHashSet<>(plan.ranged());
    Map<String, Integer> channels = new HashMap<>();
    for (OnnxNode node : simple.nodes()) {
      if (plan.role(node) == IntegerPlan.Role.WEIGHTED && !node.is("MatMul")) {
        String input = node.inputs().getFirst();
        channels.put(input, WeightedNode.of(simple, node).inputChannels());
        wanted.add(input);
      }
    }
    wanted.removeAll(seen.keySet());
    if (!wanted.isEmpty()) {
      seen.putAll(
          ActivationStatistics.collect(
              simple, List.copyOf(wanted), channels, data, options.calibrator(), options.images()));
    }
  }

  private Map<String, Affine> parameters(IntegerPlan plan) {
    Map<String, Affine> parameters = new LinkedHashMap<>();
    for (String value : plan.ranged()) {
      parameters.put(value, affine(plan, value));
    }
    return parameters;
  }

  /** The quantization of a value: its range, cut to what an absorbed clamp lets through. */
  private Affine affine(IntegerPlan plan, String value) {
    Ranges.Range range = ranges.computeIfAbsent(value, this::range);
    int bits = options.activationBits();
    Optional<OnnxNode> producer = simple.producer(value);
    if (producer.isEmpty() || plan.role(producer.get()) != IntegerPlan.Role.ABSORBED) {
      return Affine.unsigned(bits, range.min(), range.max());
    }
    if (producer.get().is("HardSigmoid")) {
      return Affine.unsigned(bits, 0, 1);
    }
    Clamp clamp = Clamp.of(simple, producer.get()).orElseThrow();
    return Affine.unsigned(
        bits, Math.max(range.min(), clamp.min()), Math.min(range.max(), clamp.max()));
  }

  /** At 16 bits the whole range has the least error as far as a histogram can tell. */
  private Ranges.Range range(String value) {
    boolean whole =
        options.activationBits() == 16
            && options.calibrator() instanceof Calibrator.MeanSquaredError;
    return seen.get(value).range(whole ? new Calibrator.MinMax() : options.calibrator());
  }

  /** Shortens names; the final name of every planned node's result. */
  private Map<String, String> finalNames(IntegerPlan plan, OnnxGraph quantized, QdqWriter writer) {
    Map<String, String> renamed = ShortNames.apply(quantized);
    Map<String, String> names = new LinkedHashMap<>();
    writer
        .quantizedNames()
        .forEach((value, integers) -> names.put(value, renamed.getOrDefault(integers, integers)));
    for (OnnxNode node : simple.nodes()) {
      String result = plan.isInteger(node) ? plan.result(node) : "";
      if (!result.isEmpty()) {
        names.putIfAbsent(result, renamed.getOrDefault(result, result));
      }
    }
    return names;
  }
}
