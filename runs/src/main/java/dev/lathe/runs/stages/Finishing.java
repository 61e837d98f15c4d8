package dev.lathe.runs.stages;

import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.data.Accuracy;
import dev.lathe.data.LabelledImages;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/**
 * Turns trained weights into files: float32 and its int8 twin, each evaluated as the file it is on
 * validation and test images.
 */
final class Finishing implements AutoCloseable {
  private static final int STATISTICS_IMAGES = 1536;
  private static final int QUANTIZATION_IMAGES = 256;

  /** With an artifact's key before it: the fact that holds its {@link Accuracy} on test images. */
  static final String TEST_ACCURACY = ".testAccuracy";

  private final Run run;
  private final Evaluator validation;
  private final Evaluator test;

  Finishing(Run run) {
    this.run = run;
    this.validation = evaluator(STATISTICS_IMAGES, run.data().validation());
    this.test = evaluator(1, run.data().test());
  }

  private Evaluator evaluator(int statisticsImages, LabelledImages images) {
    return new Evaluator(
        run.data().train(),
        statisticsImages,
        images,
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }

  /**
   * A network to be written.
   *
   * @param key of its artifacts, without precision
   * @param labels the architecture, empty for a baseline
   */
  record Network(
      String key,
      ArtifactRecord.Kind kind,
      String name,
      Subnet subnet,
      WeightStore store,
      Map<String, String> labels,
      Solo.Effort effort) {}

  static String key(String network, String precision) {
    return network + "-" + precision;
  }

  /** Whether both files of a network are stored. */
  boolean isDone(String key) {
    return run.store().artifact(key(key, "float32")).isPresent()
        && run.store().artifact(key(key, "int8")).isPresent();
  }

  void write(Network network) {
    int side = Evaluator.side(network.subnet());
    OnnxGraph float32 =
        network
            .subnet()
            .export(
                network.store()::values, validation.statistics(network.store(), network.subnet()));
    Metadata metadata = new Metadata(run, side);
    metadata.write(float32, network, "float32");
    OnnxGraph int8 =
        Int8Quantization.quantize(
                float32,
                new TrainingImages(run.data(), run.streams(), QUANTIZATION_IMAGES, side),
                Int8Options.DEFAULT.withImages(QUANTIZATION_IMAGES))
            .model();
    metadata.write(int8, network, "int8");
    byte[] floatBytes = float32.toBytes();
    byte[] int8Bytes = int8.toBytes();
    List<Callable<Accuracy>> tasks = new ArrayList<>();
    for (byte[] file : List.of(floatBytes, int8Bytes)) {
      tasks.add(() -> validation.accuracy(file, side));
      tasks.add(() -> test.accuracy(file, side));
    }
    List<Accuracy> accuracies = run.workers().run(tasks);
    CostReport cost = CostReport.of(float32, 1);
    run.facts().put(network.key() + ".effort", network.effort());
    store(network, "float32", "int8", floatBytes, accuracies.subList(0, 2), cost);
    store(network, "int8", "float32", int8Bytes, accuracies.subList(2, 4), cost);
  }

  /** Whether the float32 file of a network that has no other is stored. */
  boolean isStored(String key) {
    return run.store().artifact(key(key, "float32")).isPresent();
  }

  /**
   * Writes a network that is an ONNX graph already, in float32 alone.
   *
   * @param side of the images that it takes, in pixels
   */
  void write(String key, OnnxGraph graph, int side, Solo.Effort effort) {
    new Metadata(run, side).write(graph, key, Map.of(), effort, "float32");
    byte[] file = graph.toBytes();
    List<Accuracy> accuracies =
        run.workers()
            .run(List.of(() -> validation.accuracy(file, side), () -> test.accuracy(file, side)));
    CostReport cost = CostReport.of(graph, 1);
    run.facts().put(key + ".effort", effort);
    run.facts().put(key(key, "float32") + TEST_ACCURACY, accuracies.get(1));
    run.store()
        .artifact(
            new ArtifactRecord(
                key(key, "float32"),
                ArtifactRecord.Kind.MEMBER,
                key + "-float32",
                ArtifactRecord.ONNX,
                Optional.of("float32"),
                Optional.empty(),
                Map.of(),
                OptionalDouble.of(DataFacts.headline(run.data(), accuracies.get(0))),
                OptionalDouble.of(DataFacts.headline(run.data(), accuracies.get(1))),
                OptionalLong.of(cost.macs()),
                OptionalLong.of(cost.parameters()),
                OptionalDouble.of(effort.seconds())),
            file);
  }

  private void store(
      Network network,
      String precision,
      String twin,
      byte[] onnx,
      List<Accuracy> accuracies,
      CostReport cost) {
    run.facts().put(key(network.key(), precision) + TEST_ACCURACY, accuracies.get(1));
    run.store()
        .artifact(
            new ArtifactRecord(
                key(network.key(), precision),
                network.kind(),
                network.name() + "-" + precision,
                ArtifactRecord.ONNX,
                Optional.of(precision),
                Optional.of(key(network.key(), twin)),
                network.labels(),
                OptionalDouble.of(DataFacts.headline(run.data(), accuracies.get(0))),
                OptionalDouble.of(DataFacts.headline(run.data(), accuracies.get(1))),
                OptionalLong.of(cost.macs()),
                OptionalLong.of(cost.parameters()),
                OptionalDouble.of(network.effort().seconds())),
            onnx);
  }

  @Override
  public void close() {
    validation.close();
    test.close();
  }
}
