package dev.lathe.compress.recipe;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.CrossLayerEqualization;
import dev.lathe.compress.FiniteWeights;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.IntegerKernels;
import dev.lathe.compress.MixedPrecision;
import dev.lathe.compress.NodeOutcome;
import dev.lathe.compress.OutputComparison;
import dev.lathe.compress.Quantized;
import dev.lathe.compress.RunningCost;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.SmoothQuantization;
import dev.lathe.compress.TensorError;
import dev.lathe.compress.channel.ChannelPruning;
import dev.lathe.compress.fixed.CppWriter;
import dev.lathe.compress.fixed.FixedCost;
import dev.lathe.compress.fixed.FixedPoint;
import dev.lathe.compress.fixed.FixedSettings;
import dev.lathe.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Applies recipes to models. */
public final class Compressor {
  private static final int IMAGES_CHECKED = 16;
  private static final int PRUNING_IMAGES = 128;

  /** What a step gives: a model, its fusion report, and notes. */
  record Outcome(
      OnnxGraph model,
      List<NodeOutcome> nodes,
      List<TensorError> tensors,
      List<String> notes,
      Map<String, String> files) {
    Outcome(
        OnnxGraph model, List<NodeOutcome> nodes, List<TensorError> tensors, List<String> notes) {
      this(model, nodes, tensors, notes, Map.of());
    }

    /** The same, with the weights of a large model in a file. */
    Outcome onDisk() {
      return new Outcome(model.onDisk(), nodes, tensors, notes, files);
    }

    static Outcome of(OnnxGraph model, List<String> notes) {
      return new Outcome(model, List.of(), List.of(), notes);
    }
  }

  private Compressor() {}

  /** Trains a compressed model: what a {@link CompressionStep.FineTune} needs from outside. */
  @FunctionalInterface
  public interface FineTuner {
    /**
     * A trained copy.
     *
     * @param student to train
     * @param teacher whose answers are learnt
     * @throws CompressionException if the model cannot be trained, or there is nothing to learn
     *     from
     */
    OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, CompressionStep.FineTune step);

    /** Refuses: where there are no images. */
    static FineTuner none() {
      return (student, teacher, step) -> {
        throw new CompressionException(
            "there are no images to learn from. Maybe calibrate with a data set instead of noise.");
      };
    }
  }

  /** Is told of each step that is done. */
  @FunctionalInterface
  public interface Watcher {
    /** A step begins. */
    default void begins(CompressionStep step, int number, int of) {}

    /** A step gave this model. */
    void done(StepReport report, OnnxGraph model);

    /** Tells nobody. */
    static Watcher none() {
      return (report, model) -> {};
    }
  }

  /** Applies a recipe that has nothing to train. */
  public static Compressed apply(
      CompressionRecipe recipe, OnnxGraph original, CalibrationData data) {
    return apply(recipe, original, data, data, FineTuner.none(), Watcher.none());
  }

  /**
   * Applies a recipe. After each step the model is run with ONNX Runtime's optimisations on and
   * off, and compared with the original.
   *
   * @param data to calibrate with
   * @param heldOut to compare with
   * @throws CompressionException if a step cannot be applied, naming it
   */
  public static Compressed apply(
      CompressionRecipe recipe,
      OnnxGraph original,
      CalibrationData data,
      CalibrationData heldOut,
      FineTuner tuner,
      Watcher watcher) {
    FiniteWeights.check(original);
    List<StepReport> reports = new ArrayList<>();
    Map<String, String> files = Map.of();
    OnnxGraph model = original.copy();
    for (CompressionStep step : recipe.steps()) {
      long start = System.nanoTime();
      watcher.begins(step, reports.size() + 1, recipe.steps().size());
      Outcome outcome;
      try {
        outcome =
            (step instanceof CompressionStep.FineTune fineTune
                    ? Outcome.of(tuner.tune(model, original, fineTune), List.of())
                    : apply(step, model, data))
                .onDisk();
      } catch (CompressionException e) {
        throw new CompressionException("step '%s': %s".formatted(step.name(), e.getMessage()));
      }
      model = outcome.model();
      double seconds = (System.nanoTime() - start) / 1e9;
      OutputComparison comparison = OutputComparison.of(original, model, heldOut, IMAGES_CHECKED);
      files = outcome.files();
      RunningCost cost = RunningCost.of(model, data);
      Forms forms =
          step.keepsForms() && !reports.isEmpty()
              ? new Forms(reports.getLast().integerNodes(), reports.getLast().floatNodes())
              : Forms.of(outcome);
      reports.add(
          new StepReport(
              step.name(),
              model.bytes(),
              comparison.outputDecibels(),
              comparison.fusionDecibels(),
              forms.integers(),
              forms.floats(),
              outcome.nodes(),
              outcome.tensors(),
              outcome.notes(),
              seconds,
              cost.latencyMillis(),
              cost.residentMegabytes()));
      watcher.done(reports.getLast(), model);
    }
    return new Compressed(model, reports, files);
  }

  /** How many nodes compute with integers, and how many with floating point. */
  private record Forms(long integers, long floats) {
    static Forms of(Outcome outcome) {
      if (outcome.nodes().isEmpty()) {
        return new Forms(
            0,
            outcome.model().nodes().stream()
                .filter(n -> n.isOneOf("Conv", "Gemm", "MatMul", "Add"))
                .count());
      }
      return new Forms(
          count(outcome.nodes(), NodeOutcome.Form.INTEGER),
          count(outcome.nodes(), NodeOutcome.Form.FLOAT));
    }

    private static long count(List<NodeOutcome> nodes, NodeOutcome.Form form) {
      return nodes.stream().filter(node -> node.form() == form).count();
    }
  }

  private static Outcome apply(CompressionStep step, OnnxGraph model, CalibrationData data) {
    return switch (step) {
      case CompressionStep.Simplify() -> Outcome.of(Simplification.of(model), List.of());
      case CompressionStep.Equalize() -> {
        OnnxGraph simple = Simplification.of(model);
        int pairs = CrossLayerEqualization.apply(simple);
        yield Outcome.of(simple, List.of("%d pairs of layers balanced".formatted(pairs)));
      }
      case CompressionStep.Int8 int8 -> {
        Quantized quantized = Int8Quantization.quantize(model, data, int8.options());
        yield new Outcome(
            quantized.model(), quantized.report().nodes(), quantized.report().tensors(), List.of());
      }
      case CompressionStep.Mixed mixed -> {
        MixedPrecision.Choice choice =
            MixedPrecision.choose(model, data, mixed.options(), mixed.settings());
        List<String> notes = new ArrayList<>(choice.notes());
        notes.add(
            "float %.3f ms, integer %.3f ms, chosen %.3f ms"
                .formatted(choice.floatMillis(), choice.integerMillis(), choice.millis()));
        yield new Outcome(
            choice.model(), choice.report().nodes(), choice.report().tensors(), notes);
      }
      case CompressionStep.Kernels() -> {
        IntegerKernels.Rewritten rewritten = IntegerKernels.choose(model, data);
        yield Outcome.of(rewritten.model(), rewritten.notes());
      }
      case CompressionStep.HalfStorage() -> StoredWeights.half(model);
      case CompressionStep.WeightOnly weightOnly -> StoredWeights.few(model, weightOnly, data);
      case CompressionStep.LowRank lowRank -> FactoredWeights.lowRank(model, lowRank.share(), data);
      case CompressionStep.MonarchMatrices monarch -> FactoredWeights.monarch(model, monarch);
      case CompressionStep.Codebook codebook -> CodedWeights.apply(model, codebook, data);
      case CompressionStep.Prune prune ->
          SparseWeights.prune(model, prune.zeros(), prune.dataAware(), data);
      case CompressionStep.TwoOfFour twoOfFour -> SparseWeights.twoOfFour(model, twoOfFour, data);
      case CompressionStep.FixedPointNumbers fixed -> fixedPoint(model, fixed.settings(), data);
      case CompressionStep.PruneChannels prune -> pruneChannels(model, prune.settings(), data);
      case CompressionStep.Smooth smooth -> {
        OnnxGraph simple = Simplification.of(model);
        int count = SmoothQuantization.apply(simple, data, smooth.alpha(), smooth.images());
        yield Outcome.of(
            simple, List.of("products after %d layer norms smoothed".formatted(count)));
      }
      case CompressionStep.FineTune _ -> throw new IllegalStateException("trained elsewhere");
    };
  }

  private static Outcome fixedPoint(OnnxGraph model, FixedSettings settings, CalibrationData data) {
    FixedPoint fixed = FixedPoint.of(model, data, settings);
    FixedCost cost = FixedCost.of(fixed.network());
    return new Outcome(
        fixed.model(),
        List.of(),
        List.of(),
        List.of(
            "%d multiplications and additions; as shifts %d additions; %d binary points learned"
                .formatted(cost.macs(), cost.shiftAdds(), fixed.moved()),
            "%d multipliers, %d DSP blocks if each weight has hardware of its own"
                .formatted(cost.multipliers(), cost.dspBlocks())),
        Map.of("cpp", CppWriter.write(fixed.network())));
  }

  private static Outcome pruneChannels(
      OnnxGraph model, ChannelPruning.Settings settings, CalibrationData data) {
    ChannelPruning.Result result =
        ChannelPruning.apply(Simplification.of(model), settings, data, PRUNING_IMAGES);
    return Outcome.of(
        result.graph(),
        List.of(
            "%d of %d channels left in %d groups; %d groups cannot be pruned"
                .formatted(result.after(), result.before(), result.groups(), result.fixed())));
  }
}
