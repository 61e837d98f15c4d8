package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.data.LabelledImages;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/**
 * Turns trained weights into files: one a form, each evaluated as the file it is on validation and
 * test images.
 */
final class Finishing implements AutoCloseable {
  private static final int STATISTICS_IMAGES = 1536;
  private static final int QUANTIZATION_IMAGES = 256;

  /** With an artifact's key before it: the fact that holds its {@link Accuracy} on test images. */
  static final String TEST_ACCURACY = ".testAccuracy";

  /** Likewise on validation images. */
  static final String VALIDATION_ACCURACY = ".validationAccuracy";

  private final Run run;
  private final Evaluator validation;
  private final Evaluator test;

  Finishing(Run run) {
    this.run = run;
    // The norms of a trained model have their statistics.
    int statisticsImages = run.model().isPresent() ? 1 : STATISTICS_IMAGES;
    this.validation = evaluator(statisticsImages, run.data().validation());
    this.test = evaluator(1, run.data().test());
  }

  private Evaluator evaluator(int statisticsImages, LabelledImages images) {
    return new Evaluator(
        run.lessons(),
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
   * @param graph with its weights
   * @param labels the architecture, empty for what the space does not hold
   * @param crossValidated accuracy by form where images are few: it stands in the place of that on
   *     validation images, which the network has learnt from
   */
  record Network(
      String key,
      ArtifactRecord.Kind kind,
      OnnxGraph graph,
      Map<String, String> labels,
      Solo.Effort effort,
      Map<Form, Accuracy> crossValidated) {
    Network(
        String key,
        ArtifactRecord.Kind kind,
        OnnxGraph graph,
        Map<String, String> labels,
        Solo.Effort effort) {
      this(key, kind, graph, labels, effort, Map.of());
    }
  }

  /** A network of trained weights, its statistics estimated. */
  OnnxGraph graph(Subnet subnet, WeightStore store) {
    return subnet.export(store::values, validation.statistics(store, subnet));
  }

  static String key(String network, Form form) {
    return network + "-" + form.name();
  }

  /** Whether all files of a network are stored. */
  boolean isDone(String key, Collection<Form> forms) {
    return forms.stream().allMatch(form -> run.store().artifact(key(key, form)).isPresent());
  }

  /** Writes a network in some forms. */
  void write(Network network, Collection<Form> forms) {
    OnnxGraph real = network.graph();
    int side = Evaluator.side(real);
    TrainingImages images =
        new TrainingImages(run.data(), run.streams(), QUANTIZATION_IMAGES, side);
    CostReport cost = CostReport.of(real, 1);
    Metadata metadata = new Metadata(run, side);
    run.facts().put(network.key() + ".effort", network.effort());
    Map<Form, byte[]> files = new LinkedHashMap<>();
    for (Form form : forms) {
      OnnxGraph model = form.isFloat32() ? real.copy() : form.write(real, images, false);
      metadata.write(model, network, form.name());
      files.put(form, model.toBytes());
    }
    List<Callable<Accuracy>> tasks = new ArrayList<>();
    for (byte[] file : files.values()) {
      tasks.add(() -> test.accuracy(file, side));
      tasks.add(() -> validation.accuracy(file, side));
    }
    List<Accuracy> accuracies = run.workers().run(tasks);
    int at = 0;
    for (Map.Entry<Form, byte[]> file : files.entrySet()) {
      Accuracy tested = accuracies.get(at++);
      Accuracy validated = accuracies.get(at++);
      Optional<Accuracy> folds = Optional.ofNullable(network.crossValidated().get(file.getKey()));
      folds.ifPresent(
          judged ->
              run.facts()
                  .put(
                      key(network.key(), file.getKey()) + CrossValidation.UNSEEN,
                      judged.and(tested)));
      store(
          network,
          file.getKey(),
          forms,
          file.getValue(),
          List.of(folds.orElse(validated), tested),
          cost);
    }
  }

  /** Whether the float32 file of a network that has no other is stored. */
  boolean isStored(String key) {
    return run.store().artifact(key(key, Form.FLOAT32)).isPresent();
  }

  private void store(
      Network network,
      Form form,
      Collection<Form> forms,
      byte[] onnx,
      List<Accuracy> accuracies,
      CostReport cost) {
    Optional<Form> twin =
        Form.USUAL.contains(form)
            ? Form.USUAL.stream().filter(one -> !one.equals(form) && forms.contains(one)).findAny()
            : Optional.of(Form.FLOAT32).filter(forms::contains);
    run.facts().put(key(network.key(), form) + VALIDATION_ACCURACY, accuracies.get(0));
    run.facts().put(key(network.key(), form) + TEST_ACCURACY, accuracies.get(1));
    run.store()
        .artifact(
            new ArtifactRecord(
                key(network.key(), form),
                network.kind(),
                key(network.key(), form),
                ArtifactRecord.ONNX,
                Optional.of(form.name()),
                twin.map(one -> key(network.key(), one)),
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
