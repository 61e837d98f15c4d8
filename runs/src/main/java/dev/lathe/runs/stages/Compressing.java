package dev.lathe.runs.stages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.compress.recipe.Compressed;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.data.Progress;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.supernet.onnx.ImageLessons;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Compresses a model by a recipe: a file a step, each judged and measured. */
final class Compressing {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MEASURING = 0.9;

  private final CompressionRequest request;
  private final ModelTrial.Limits trial;
  private final RunStore store;
  private final Measurements measurements;
  private final RunControl control;
  private final List<Made> made = new ArrayList<>();

  /** A file with what is known of it. */
  private record Made(
      byte[] file,
      String precision,
      StoredArtifact artifact,
      OptionalDouble accuracy,
      Optional<StepReport> report) {}

  /**
   * A file for the report.
   *
   * @param step empty for the model as it came
   * @param report what the step did
   */
  private record Entry(
      String step,
      String artifactId,
      String sha256,
      long bytes,
      @Nullable Double accuracy,
      @Nullable Double p50,
      @Nullable Double p90,
      @Nullable String notMeasured,
      @Nullable StepReport report) {}

  /**
   * A text that a step wrote beside the model, such as C++.
   *
   * @param ending of its file name
   */
  private record Text(String ending, String artifactId, String sha256, long bytes) {}

  private record Report(
      String recipe, @Nullable String device, List<Entry> files, List<Text> texts) {}

  Compressing(
      CompressionRequest request,
      ModelTrial.Limits trial,
      RunStore store,
      Measurements measurements,
      RunControl control) {
    this.request = request;
    this.trial = trial;
    this.store = store;
    this.measurements = measurements;
    this.control = control;
  }

  /** The recipe that a request names or brings. */
  static CompressionRecipe recipe(String nameOrText) {
    return CompressionRecipe.named(nameOrText).orElseGet(() -> RecipeReader.read(nameOrText));
  }

  void run() {
    if (request.measured()) {
      store.progress("device", 0, "looking for the device"); // now, not when the work is done
      measurements.device();
    }
    store.progress("checking", 0, "trying the model out");
    CompressionRecipe recipe = recipe(request.recipe());
    ForeignModel foreign;
    try (ModelTrial process = ModelTrial.within(trial)) {
      foreign = ForeignModel.of(OnnxGraph.parse(request.model()), Map.of(), process);
    }
    OnnxGraph original = foreign.graph();
    control.checkpoint();
    CalibrationSource source = CalibrationSource.open(request.data(), original, request.seed());
    note("original", "original", foreign.file(), source, Optional.empty());
    Progress training =
        (fraction, message) -> {
          control.checkpoint();
          store.progress("compressing", MEASURING * fraction, message);
        };
    Compressed compressed =
        Compressor.apply(
            recipe,
            original,
            source.data(),
            source.heldOut(),
            new ImageLessons(request.data(), ImageOptions.NONE, request.seed(), training),
            (report, model) -> {
              control.checkpoint();
              int step = made.size();
              note(
                  "step-" + step,
                  recipe.name() + "-" + step,
                  foreign.finished(model),
                  source,
                  Optional.of(report));
              store.progress(
                  "compressing",
                  MEASURING * step / recipe.steps().size(),
                  "step %d of %d done: %s".formatted(step, recipe.steps().size(), report.step()));
            });
    List<Text> texts = new ArrayList<>();
    compressed
        .files()
        .forEach((ending, content) -> texts.add(text(recipe.name(), ending, content)));
    store.report(json(recipe, texts));
  }

  private void note(
      String key,
      String name,
      OnnxGraph model,
      CalibrationSource source,
      Optional<StepReport> report) {
    byte[] file = model.toBytes();
    OptionalDouble accuracy = source.accuracy(model);
    String precision = computesWithIntegers(model) ? "int8" : "float32";
    CostReport cost = CostReport.of(model, model.symbols(1, Map.of()));
    StoredArtifact artifact =
        store.artifact(
            new ArtifactRecord(
                key,
                ArtifactRecord.Kind.OTHER,
                name,
                ArtifactRecord.ONNX,
                Optional.of(precision),
                Optional.empty(),
                Map.of(),
                OptionalDouble.empty(),
                accuracy,
                OptionalLong.of(cost.macs()),
                OptionalLong.of(cost.parameters()),
                OptionalDouble.empty()),
            file);
    made.add(new Made(file, precision, artifact, accuracy, report));
  }

  private static boolean computesWithIntegers(OnnxGraph model) {
    return model.nodes().stream().anyMatch(node -> node.is("QuantizeLinear"));
  }

  private Text text(String name, String ending, String content) {
    StoredArtifact artifact =
        store.artifact(
            ArtifactRecord.file(
                ending,
                ArtifactRecord.Kind.OTHER,
                name + "." + ending,
                "text/plain; charset=utf-8"),
            content.getBytes(StandardCharsets.UTF_8));
    return new Text(ending, Long.toString(artifact.id()), artifact.sha256(), artifact.bytes());
  }

  private String json(CompressionRecipe recipe, List<Text> texts) {
    List<MeasurementOutcome> outcomes =
        request.measured()
            ? measurements.measure(
                made.stream()
                    .map(
                        one ->
                            new MeasurementRequest(
                                one.artifact().record().key(),
                                measurements.device().name(),
                                one.file(),
                                one.precision(),
                                "quick"))
                    .toList(),
                (done, of) ->
                    store.progress(
                        "measuring",
                        MEASURING + (1 - MEASURING) * done / of,
                        "measured %d of %d".formatted(done, of)))
            : List.of();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      entries.add(entry(made.get(i), outcomes.isEmpty() ? null : outcomes.get(i)));
    }
    String device = outcomes.isEmpty() ? null : measurements.device().name();
    try {
      return JSON.writeValueAsString(new Report(recipe.name(), device, entries, texts));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Entry entry(Made one, @Nullable MeasurementOutcome outcome) {
    Double p50 = null;
    Double p90 = null;
    String failure = null;
    switch (outcome) {
      case MeasurementOutcome.Measured measured -> {
        p50 = measured.p50Millis();
        p90 = measured.p90Millis();
      }
      case MeasurementOutcome.Failed failed -> failure = failed.message();
      case null -> {}
    }
    return new Entry(
        one.report().map(StepReport::step).orElse(""),
        Long.toString(one.artifact().id()),
        one.artifact().sha256(),
        one.artifact().bytes(),
        one.accuracy().isPresent() ? one.accuracy().getAsDouble() : null,
        p50,
        p90,
        failure,
        one.report().orElse(null));
  }
}
