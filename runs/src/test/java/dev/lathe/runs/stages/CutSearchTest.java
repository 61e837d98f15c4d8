package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.farm.Sha256;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.Tables;
import dev.lathe.runs.isolated.IsolatedRunner;
import dev.lathe.runs.isolated.ModelLimits;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.supernet.ImageExamples;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search among the cuts of a trained model, on a device that follows a law. */
class CutSearchTest {
  private static final MemoryStore STORE = new MemoryStore();
  private static final RooflineDevice DEVICE = new RooflineDevice();

  @TempDir static Path models;
  private static SpaceChoice.Model model = new SpaceChoice.Model("");

  private static SearchRequest request() {
    return SearchRequest.of("builtin", 1)
        .withSpace(Optional.of(model))
        .withBudget(new SearchRequest.Budget(OptionalDouble.empty(), OptionalInt.of(16), 0))
        .withSettings(
            Map.of(
                "calibrationNetworks", 24,
                "trainImages", 300,
                "validationImages", 100,
                "testImages", 100,
                "fineTuneSteps", 12,
                "maxDrop", 0.3,
                "members", 3));
  }

  private static void search(MemoryStore store, RooflineDevice device, Path folder) {
    new StagedSearch(InstantSource.system(), Tables.none())
        .run(request(), store, device, () -> {}, folder);
  }

  @BeforeAll
  static void search(@TempDir Path folder) throws Exception {
    // A fixed batch of one, as exports are where nothing is said.
    Path file = models.resolve("trained.onnx");
    trained().write(file);
    model =
        new SpaceChoice.Model("sha256:" + Sha256.of(Files.readAllBytes(file)), Optional.of(file));
    search(STORE, DEVICE, folder);
  }

  /** A residual classifier, trained a little. */
  static OnnxGraph trained() {
    RandomGenerator random = new SplittableRandom(7);
    OnnxGraph graph = OnnxGraph.create("trained", 17);
    graph.addInput(image(Dimension.of("N")));
    conv(graph, random, "image", "a", 3, 16, 2);
    conv(graph, random, "a", "b", 16, 16, 1);
    graph.add(OnnxNode.of("Add", "sum", List.of("a", "b"), List.of("s")));
    conv(graph, random, "s", "c", 16, 24, 2);
    graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of("c"), List.of("p")));
    graph.add(OnnxNode.of("Flatten", "flatten", List.of("p"), List.of("f")));
    graph.addInitializer(weights(random, "head", 24, 24, 10));
    graph.add(OnnxNode.of("MatMul", "classes", List.of("f", "head"), List.of("y")));
    graph.addOutput(logits(Dimension.of("N")));
    DataSet data =
        DataSets.load(
            "builtin",
            DataOptions.of(1).withResolution(28).withAtMost(300, 10, 10),
            (fraction, message) -> {});
    OnnxGraph trained;
    try (Workers workers = new Workers(2)) {
      trained =
          new FineTuner(
                  new FineTuning(200, 32, 1e-2, 1, 2, 1),
                  new ImageExamples(data.train(), data.normalization(), Augmentation.none()),
                  workers)
              .tune(graph, graph, Progress.none());
    }
    trained.removeInput("image");
    trained.addInput(image(Dimension.of(1)));
    trained.removeOutput("y");
    trained.addOutput(logits(Dimension.of(1)));
    return trained;
  }

  private static ValueInfo image(Dimension batch) {
    return new ValueInfo(
        "image",
        ElementType.FLOAT,
        List.of(batch, Dimension.of(3), Dimension.of(28), Dimension.of(28)));
  }

  private static ValueInfo logits(Dimension batch) {
    return new ValueInfo("y", ElementType.FLOAT, List.of(batch, Dimension.of(10)));
  }

  private static void conv(
      OnnxGraph graph, RandomGenerator random, String from, String to, int in, int out, int by) {
    graph.addInitializer(weights(random, to + ".w", in * 9, out, in, 3, 3));
    graph.add(
        OnnxNode.of(
            "Conv",
            to + ".conv",
            List.of(from, to + ".w"),
            List.of(to + ".c"),
            Attribute.ints("strides", by, by),
            Attribute.ints("pads", 1, 1, 1, 1)));
    graph.add(OnnxNode.of("Relu", to + ".relu", List.of(to + ".c"), List.of(to)));
  }

  private static TensorValue weights(RandomGenerator random, String name, int fanIn, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
    }
    return TensorValue.floats(name, values, dims);
  }

  private static JsonNode report() throws Exception {
    return Facts.JSON.readTree(STORE.report());
  }

  @Test
  void original_standsBesideTheFront_asThePointToBeat() throws Exception {
    List<String> compared = new ArrayList<>();
    report().path("baseline").forEach(one -> compared.add(one.path("id").asText()));
    assertThat(compared).containsExactlyInAnyOrder("original-float32", "original-int8");
    JsonNode original = report().path("baseline").get(0);
    assertThat(original.path("figures").path("latency@roofline").path("value").asDouble())
        .isPositive();
    assertThat(original.path("steps").asInt()).isZero();
    assertThat(report().path("model").path("reference").asText()).isEqualTo(model.reference());
    assertThat(report().path("request").path("space").path("model").asText())
        .isEqualTo(model.reference());
    assertThat(STORE.report()).doesNotContain(model.file().orElseThrow().toString());
  }

  @Test
  void members_areSmallerFasterAndOfTheModelsKind() throws Exception {
    StoredArtifact original = STORE.artifact("original-float32").orElseThrow();
    List<StoredArtifact> members =
        STORE.artifacts().stream()
            .filter(one -> one.record().kind() == ArtifactRecord.Kind.MEMBER)
            .filter(one -> one.record().precision().orElse("").equals("float32"))
            .toList();
    assertThat(members).isNotEmpty();
    assertThat(members)
        .anySatisfy(
            one -> {
              assertThat(one.record().macs().orElseThrow())
                  .isLessThan(original.record().macs().orElseThrow());
              assertThat(one.record().labels()).isNotEmpty();
            });
    // 100 images of ten classes: chance gives more than 22 less than once in a thousand times
    assertThat(original.record().validationAccuracy().orElseThrow()).isGreaterThan(0.22);
    double best =
        members.stream()
            .mapToDouble(one -> one.record().validationAccuracy().orElseThrow())
            .max()
            .orElseThrow();
    assertThat(best).isGreaterThan(0.22);
    List<String> weights = new ArrayList<>();
    report().path("front").forEach(one -> weights.add(one.path("weights").asText()));
    assertThat(weights).isNotEmpty().isSubsetOf("refitted", "trained");
    assertThat(STORE.front).isNotEmpty();
  }

  @Test
  void limitOfADrop_isTestedOnTestImages() throws Exception {
    JsonNode budget = report().path("budget");
    assertThat(STORE.artifact(budget.path("member").asText())).isPresent();
    assertThat(budget.path("member").asText()).isNotEqualTo("original-float32");
    assertThat(budget.path("items").asInt()).isBetween(1, 100);
    assertThat(budget.path("drop").asDouble())
        .isLessThan(budget.path("kept").asBoolean() ? 0.3 : 1);
    assertThat(report().path("closing").toString())
        .contains("a drop of the accuracy of at most 0.3");
  }

  @Test
  void progress_neverGoesBack_andEndsAtOne() {
    assertThat(STORE.wentBack).isLessThan(1e-9);
    assertThat(STORE.fraction()).isEqualTo(1);
  }

  @Test
  void search_isOverCutsAndForms() {
    assertThat(STORE.candidates()).hasSize(16);
    assertThat(STORE.candidates().getFirst().labels().keySet())
        .anyMatch(gene -> gene.startsWith("width of"))
        .contains("form");
  }

  /** As the service does it: where artifacts lie is hidden from the process, if the system can. */
  private static void searchApart(MemoryStore store, RooflineDevice device, Path folder) {
    Optional<Path> home = Optional.of(folder.resolve("home"));
    try (ModelReader reader = new ModelReader(ModelLimits.DEFAULT, home)) {
      new IsolatedRunner(
              new StagedSearch(InstantSource.system(), Tables.none()),
              reader,
              ModelLimits.DEFAULT,
              home)
          .run(request(), store, device, () -> {}, folder.resolve("home/work"));
    }
  }

  @Test
  void stoppedSearch_inProcessesOfItsOwn_goesOnToTheSameFront(@TempDir Path folder)
      throws Exception {
    Files.createDirectories(folder.resolve("home/work"));
    MemoryStore store = new MemoryStore(folder.resolve("home/artifacts"));
    RooflineDevice device = new RooflineDevice();
    for (int stop : new int[] {20, DEVICE.record.size() - 2}) {
      device.stopAfter = stop;
      assertThatThrownBy(() -> searchApart(store, device, folder)).isInstanceOf(RunStopped.class);
    }
    device.stopAfter = Integer.MAX_VALUE;
    searchApart(store, device, folder);
    assertThat(store.candidates().stream().map(CandidateRecord::figures))
        .isEqualTo(STORE.candidates().stream().map(CandidateRecord::figures).toList());
    assertThat(store.artifacts())
        .extracting(StoredArtifact::sha256)
        .isEqualTo(STORE.artifacts().stream().map(StoredArtifact::sha256).toList());
    assertThat(store.front).isEqualTo(STORE.front);
  }

  @Test
  void wrongRequests_areRefusedBeforeTheStart() {
    StagedSearch runner = new StagedSearch(InstantSource.system(), Tables.none());
    SearchRequest good = runner.filled(request(), List.of("roofline"));
    runner.check(good);
    assertThatThrownBy(
            () ->
                runner.check(
                    good.withSpace(Optional.empty()).withSettings(Map.of("maxDrop", 0.01))))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("what a trained model may lose");
    assertThatThrownBy(() -> runner.check(good.withSettings(Map.of("supernetSteps", 5))))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("a trained model is cut as it is");
    assertThatThrownBy(
            () ->
                runner.check(good.withMethod(new SearchRequest.MethodChoice("netadapt", Map.of()))))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("'netadapt' cannot search this");
    assertThatThrownBy(
            () ->
                runner.check(good.withSpace(Optional.of(new SpaceChoice.Model(model.reference())))))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("no model 'sha256:");
  }

  @Test
  void modelOfOtherClasses_isRefused(@TempDir Path folder) {
    OnnxGraph graph = trained();
    graph.add(
        OnnxNode.of(
            "Concat", "twice", List.of("y", "y"), List.of("z"), Attribute.integer("axis", 1)));
    graph.removeOutput("y");
    graph.addOutput(
        new ValueInfo("z", ElementType.FLOAT, List.of(Dimension.of(1), Dimension.of(20))));
    Path file = folder.resolve("other.onnx");
    graph.write(file);
    SearchRequest other =
        request().withSpace(Optional.of(new SpaceChoice.Model("sha256:0", Optional.of(file))));
    assertThatThrownBy(
            () ->
                new StagedSearch(InstantSource.system(), Tables.none())
                    .run(other, new MemoryStore(), new RooflineDevice(), () -> {}, folder))
        .hasMessageContaining("has 20 numbers an item, the data have 10 classes");
  }
}
