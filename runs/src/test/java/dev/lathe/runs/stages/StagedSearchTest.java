package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.Tables;
import java.nio.file.Path;
import java.time.InstantSource;
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

/** A whole search, with real networks on a device that follows a law. */
class StagedSearchTest {
  private static final MemoryStore STORE = new MemoryStore();
  private static final RooflineDevice DEVICE = new RooflineDevice();

  @BeforeAll
  static void search(@TempDir Path folder) {
    SearchRequest request =
        SearchRequest.of("builtin", 1)
            .withSpace(Optional.of(new SearchRequest.SpaceChoice.Named("strided-28")))
            .withBudget(new SearchRequest.Budget(OptionalDouble.empty(), OptionalInt.of(16), 0))
            .withSettings(
                Map.ofEntries(
                    Map.entry("calibrationNetworks", 24),
                    Map.entry("trainImages", 200),
                    Map.entry("validationImages", 50),
                    Map.entry("testImages", 50),
                    Map.entry("supernetSteps", 6),
                    Map.entry("fineTuneSteps", 4),
                    Map.entry("members", 3),
                    Map.entry("from", classifier(folder.resolve("trained.onnx")).toString()),
                    Map.entry("baselines", List.of())));
    new StagedSearch(InstantSource.system(), Tables.none())
        .run(request, STORE, DEVICE, () -> {}, folder);
  }

  /** A classifier of seven other classes: a convolution, pooling, a head. */
  private static Path classifier(Path file) {
    RandomGenerator random = new SplittableRandom(7);
    OnnxGraph graph = OnnxGraph.create("trained", 17);
    graph.addInput(
        new ValueInfo(
            "image",
            ElementType.FLOAT,
            List.of(Dimension.of("N"), Dimension.of(3), Dimension.of(28), Dimension.of(28))));
    graph.addInitializer(weights(random, "kernel", 24, 3, 5, 5));
    graph.addInitializer(weights(random, "head", 24 * 16, 7));
    graph.add(
        OnnxNode.of(
            "Conv",
            "conv",
            List.of("image", "kernel"),
            List.of("c"),
            Attribute.ints("strides", 2, 2)));
    graph.add(OnnxNode.of("Relu", "relu", List.of("c"), List.of("r")));
    graph.add(
        OnnxNode.of(
            "AveragePool",
            "pool",
            List.of("r"),
            List.of("p"),
            Attribute.ints("kernel_shape", 3, 3),
            Attribute.ints("strides", 3, 3)));
    graph.add(OnnxNode.of("Flatten", "flatten", List.of("p"), List.of("f")));
    graph.add(OnnxNode.of("MatMul", "classes", List.of("f", "head"), List.of("y")));
    graph.addOutput(
        new ValueInfo("y", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(7))));
    graph.write(file);
    return file;
  }

  private static TensorValue weights(RandomGenerator random, String name, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 5;
    }
    return TensorValue.floats(name, values, dims);
  }

  @Test
  void backbone_getsAHeadOfTheNewClasses() {
    StoredArtifact member =
        STORE.artifact(Finishing.key(LinearMembers.BACKBONE, Form.FLOAT32)).orElseThrow();
    assertThat(member.record().validationAccuracy().orElseThrow()).isGreaterThan(0.2);
    OnnxGraph written = OnnxGraph.read(member.path());
    assertThat(written.inputs().getFirst().shape().get(2)).isEqualTo(Dimension.of(28));
    assertThat(written.outputs().getFirst().shape().get(1)).isEqualTo(Dimension.of(10));
  }

  /** The device's latencies by form: those of all files that were measured. */
  private static double[] range(String form) {
    return DEVICE.record.entrySet().stream()
        .filter(entry -> entry.getKey().contains(form))
        .mapToDouble(entry -> entry.getValue().p50Millis())
        .sorted()
        .toArray();
  }

  @Test
  void candidates_arePredictedInTheirForm() {
    Metric latency = Metric.on(Quantity.LATENCY, "roofline");
    for (String form : List.of("float32", "int8")) {
      double[] measured = range(form);
      List<CandidateRecord> candidates =
          STORE.candidates().stream()
              .filter(candidate -> candidate.labels().get("form").equals(form))
              .toList();
      assertThat(candidates).isNotEmpty();
      assertThat(candidates)
          .extracting(candidate -> candidate.figures().get(latency.name()).value())
          .allSatisfy(
              value ->
                  assertThat(value)
                      .isBetween(0.7 * measured[0], 1.3 * measured[measured.length - 1]));
    }
  }

  @Test
  void progress_neverGoesBack_andEndsAtOne() {
    assertThat(STORE.wentBack).isLessThan(1e-9);
    assertThat(STORE.fraction()).isEqualTo(1);
  }

  @Test
  void members_areMeasuredInTheirForms() {
    assertThat(STORE.artifacts())
        .extracting(artifact -> artifact.record().precision().orElse(""))
        .contains("float32", "int8");
    assertThat(DEVICE.record.values())
        .extracting(MeasurementOutcome.Measured::p50Millis)
        .allMatch(millis -> millis > 0);
  }
}
