package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses for each node with weights whether it computes with integers, by what was measured: the
 * latency of whole models on this machine and the error that each node alone makes. The result is
 * the fastest of the models tried that keep the wanted signal-to-noise ratio; all-float and
 * all-integer are among them. Models are timed with the kernels that {@link IntegerKernels} gives
 * them, and the result is theirs to rewrite.
 */
public final class MixedPrecision {
  private static final int ROUNDS = 40;
  private static final int IMAGES = 16;

  private final CalibratedModel calibrated;
  private final OnnxGraph original;
  private final CalibrationData data;
  private final Settings settings;
  private final Set<String> products;
  private final List<String> notes = new ArrayList<>();

  /**
   * What is asked of the choice.
   *
   * @param leastDecibels the signal-to-noise ratio that each output must keep; may be negative
   *     infinity
   * @param trials the most groups of nodes whose return to float is measured
   * @param gain share of the latency that a change must save to be taken
   */
  public record Settings(double leastDecibels, int trials, double gain) {
    public static final Settings DEFAULT = new Settings(Double.NEGATIVE_INFINITY, 12, 0.01);

    public Settings {
      if (trials < 0 || !(gain >= 0)) {
        throw new IllegalArgumentException(
            "trials and gain cannot be negative: %d, %s.".formatted(trials, gain));
      }
    }
  }

  /**
   * The choice.
   *
   * @param model the chosen model: float, integer or mixed
   * @param report of its quantization; for an all-float result its nodes are all float
   * @param floatMillis median latency of the float model
   * @param integerMillis median latency with all nodes integer
   * @param millis median latency of the chosen model, all three measured interleaved
   * @param sensitivities signal-to-noise ratio of the output when only this node is integer, in
   *     decibels, by node; empty where no budget was set
   * @param notes what was decided and why
   */
  public record Choice(
      OnnxGraph model,
      QuantizationReport report,
      double floatMillis,
      double integerMillis,
      double millis,
      Map<String, Double> sensitivities,
      List<String> notes) {}

  private MixedPrecision(
      OnnxGraph original, CalibrationData data, Int8Options options, Settings settings) {
    this.original = original;
    this.data = data;
    this.settings = settings;
    this.calibrated = CalibratedModel.of(named(original), data, options);
    this.products =
        IntegerKernels.products(WidthFolding.of(calibrated.draft(Set.of()).model()), data);
  }

  /** A simplified copy in which convolutions without a name have that of what they give. */
  private static OnnxGraph named(OnnxGraph original) {
    OnnxGraph graph = Simplification.of(original);
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      if (node.is("Conv") && node.name().isEmpty()) {
        graph.replace(node, List.of(node.withName(IntegerPlan.nameOf(node))));
      }
    }
    return graph;
  }

  /**
   * Chooses and measures; other work on the machine while this runs makes the choice worthless.
   *
   * @throws CompressionException if the model cannot be quantized
   */
  public static Choice choose(
      OnnxGraph floatModel, CalibrationData data, Int8Options options, Settings settings) {
    return new MixedPrecision(floatModel, data, options, settings).choose();
  }

  private Choice choose() {
    long start = System.nanoTime();
    Set<String> kept = new LinkedHashSet<>();
    Map<String, Double> sensitivities = Map.of();
    if (decibels(kept) < settings.leastDecibels()) {
      sensitivities = sensitivities();
      keepSensitive(kept, sensitivities);
    }
    CalibratedModel.Draft needed = calibrated.draft(kept);
    Set<String> sensitive = Set.copyOf(kept);
    keepSlow(kept);
    CalibratedModel.Draft draft = calibrated.draft(kept);
    CalibratedModel.Draft integer = calibrated.draft(Set.of());
    double[] millis =
        millis(
            List.of(
                calibrated.simple().toBytes(),
                deployed(integer),
                deployed(draft),
                deployed(needed)),
            4 * ROUNDS);
    if (!kept.equals(sensitive) && millis[2] > millis[3] * (1 - settings.gain())) {
      notes.add(
          "all together they gain nothing: %.3f ms, %.3f ms without"
              .formatted(millis[2], millis[3]));
      kept.retainAll(sensitive);
      draft = needed;
      millis[2] = millis[3];
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Quantized mixed = calibrated.finish(draft, seconds);
    boolean everythingFloat = kept.containsAll(calibrated.candidates());
    if (everythingFloat || millis[0] <= millis[2]) {
      notes.add(
          "float is fastest here: %.3f ms against %.3f ms mixed and %.3f ms integer"
              .formatted(millis[0], millis[2], millis[1]));
      return new Choice(
          original.copy(),
          allFloat(mixed.report()),
          millis[0],
          millis[1],
          millis[0],
          sensitivities,
          notes);
    }
    if (kept.isEmpty()) {
      notes.add("no node is better float: the all-integer model is the result");
    }
    return new Choice(
        mixed.model(), mixed.report(), millis[0], millis[1], millis[2], sensitivities, notes);
  }

  /** Returns the nodes that do most harm to float until the output is good enough. */
  private void keepSensitive(Set<String> kept, Map<String, Double> sensitivities) {
    List<String> worstFirst =
        sensitivities.entrySet().stream()
            .sorted(Comparator.comparingDouble(Map.Entry::getValue))
            .map(Map.Entry::getKey)
            .toList();
    int low = 1;
    int high = worstFirst.size();
    while (low < high) {
      int middle = (low + high) / 2;
      if (decibels(new HashSet<>(worstFirst.subList(0, middle))) >= settings.leastDecibels()) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    kept.addAll(worstFirst.subList(0, low));
    notes.add(
        "%d of %d nodes stay float to keep %.1f dB"
            .formatted(low, worstFirst.size(), settings.leastDecibels()));
  }

  /** Returns groups of nodes to float where the whole model becomes faster. */
  private void keepSlow(Set<String> kept) {
    List<Set<String>> groups = groups(kept);
    int trials = Math.min(settings.trials(), groups.size());
    for (int i = 0; i < trials; i++) {
      Set<String> wider = new LinkedHashSet<>(kept);
      wider.addAll(groups.get(i));
      if (wider.equals(kept)) {
        continue;
      }
      double[] millis =
          millis(
              List.of(deployed(calibrated.draft(kept)), deployed(calibrated.draft(wider))), ROUNDS);
      if (millis[1] < millis[0] * (1 - settings.gain())) {
        notes.add(
            "%s float: %.3f ms instead of %.3f ms".formatted(groups.get(i), millis[1], millis[0]));
        kept.addAll(groups.get(i));
      }
    }
  }

  /**
   * What is tried: all depthwise convolutions together, convolutions next to activations that stay
   * float, the first and the last node, then depthwise convolutions one by one.
   */
  private List<Set<String>> groups(Set<String> kept) {
    List<Set<String>> groups = new ArrayList<>();
    List<String> candidates =
        calibrated.candidates().stream().filter(name -> !kept.contains(name)).toList();
    if (candidates.isEmpty()) {
      return groups;
    }
    Set<String> depthwise = new LinkedHashSet<>();
    Set<String> beforeFloat = new LinkedHashSet<>();
    for (OnnxNode node : calibrated.simple().nodes()) {
      if (!candidates.contains(IntegerPlan.nameOf(node))) {
        continue;
      }
      if (node.integer("group", 1) > 1) {
        depthwise.add(IntegerPlan.nameOf(node));
      }
      boolean floatAfter =
          calibrated.simple().consumers(node.output()).stream()
              .anyMatch(next -> next.isOneOf("HardSwish", "Gelu", "Softmax", "LayerNormalization"));
      if (floatAfter) {
        beforeFloat.add(IntegerPlan.nameOf(node));
      }
    }
    groups.add(depthwise);
    groups.add(beforeFloat);
    groups.add(Set.of(candidates.getFirst()));
    groups.add(Set.of(candidates.getLast()));
    depthwise.forEach(name -> groups.add(Set.of(name)));
    groups.removeIf(Set::isEmpty);
    return groups;
  }

  /** The output's ratio when only one node is integer, for each node. */
  private Map<String, Double> sensitivities() {
    Map<String, Double> decibels = new LinkedHashMap<>();
    List<String> candidates = calibrated.candidates();
    for (String name : candidates) {
      Set<String> others = new HashSet<>(candidates);
      others.remove(name);
      decibels.put(name, decibels(others));
    }
    return decibels;
  }

  private double decibels(Set<String> kept) {
    if (kept.containsAll(calibrated.candidates())) {
      return Double.POSITIVE_INFINITY;
    }
    return Comparison.of(
            calibrated.simple(), calibrated.draft(kept).model(), new HashMap<>(), data, IMAGES)
        .worstDecibels();
  }

  /** The model as it will run: with the kernels that are the fastest in the all-integer one. */
  private byte[] deployed(CalibratedModel.Draft draft) {
    OnnxGraph folded = WidthFolding.of(draft.model());
    return IntegerKernels.withProducts(folded, node -> products.contains(node.name())).toBytes();
  }

  private double[] millis(List<byte[]> models, int rounds) {
    int batch = Math.max(1, data.itemsARun(calibrated.simple()));
    return Latencies.interleaved(models, data.feed(calibrated.simple(), 0, batch), rounds).stream()
        .mapToDouble(Latencies.Distribution::p50)
        .toArray();
  }

  private static QuantizationReport allFloat(QuantizationReport report) {
    return new QuantizationReport(
        report.nodes().stream()
            .map(
                node ->
                    new NodeOutcome(
                        node.name(),
                        node.opType(),
                        NodeOutcome.Form.FLOAT,
                        "",
                        "the float model is faster",
                        Double.NaN))
            .toList(),
        List.of(),
        report.floatBytes(),
        report.floatBytes(),
        Double.POSITIVE_INFINITY,
        Double.POSITIVE_INFINITY,
        report.imagesCalibrated(),
        report.seconds());
  }
}
