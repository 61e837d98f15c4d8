package dev.lathe.bench;

import dev.lathe.cli.compress.JsonFile;
import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Latencies;
import dev.lathe.compress.calibration.ClassScore;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.compress.calibration.LabelledItems;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.data.Augmentation;
import dev.lathe.data.Batches;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.onnx.FineTuner;
import dev.lathe.supernet.onnx.FineTuning;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench finetune}: what compressed forms of a trained network lose, and win back. */
@Command(
    name = "finetune",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a network of millions of weights, compresses it, and fine-tunes every form alike.",
      "Example: ./lathe bench finetune --network residual --data builtin --home study --json f.json"
    })
final class FineTuneBench implements Callable<Integer> {
  private static final int CALIBRATION_IMAGES = 256;
  private static final int BATCH = 64;
  private static final int ROUNDS = 200;

  /** What each network is compressed to. */
  private static final Map<String, Map<String, String>> RECIPES =
      Map.of(
          "residual",
          recipes(
              "weights4", "- weight-only: {bits: 4}",
              "weights4-gptq", "- weight-only: {bits: 4, rounding: gptq}",
              "weights4-adaround", "- weight-only: {bits: 4, rounding: adaround}",
              "two-of-four", "- two-of-four",
              "product-quantization", "- codebook: {length: 9, clusters: 256}",
              "lr2vq", "- codebook: {length: 9, clusters: 256, lowRank: true}"),
          "perceptron",
          recipes(
              "monarch", "- monarch: {blocks: 8, share: 0.25}",
              "low-rank", "- low-rank: {share: 0.25}"));

  private static Map<String, String> recipes(String... namesAndSteps) {
    Map<String, String> recipes = new LinkedHashMap<>();
    for (int i = 0; i < namesAndSteps.length; i += 2) {
      recipes.put(namesAndSteps[i], "steps:\n" + namesAndSteps[i + 1]);
    }
    return recipes;
  }

  @Option(names = "--network", defaultValue = "residual", description = "residual or perceptron")
  private String network = "";

  @Option(names = "--data", defaultValue = "builtin", description = "as for demo")
  private String data = "";

  @Option(
      names = "--recipes",
      split = ",",
      description = "some of the forms: ${COMPLETION-CANDIDATES} (all)",
      completionCandidates = Forms.class)
  private List<String> wanted = List.of();

  @Option(names = "--epochs", defaultValue = "10", description = "of training from nothing")
  private int epochs;

  @Option(names = "--tune-epochs", defaultValue = "2", description = "of fine-tuning a form")
  private int tuneEpochs;

  @Option(names = "--seed", defaultValue = "1", description = "of data, weights and order")
  private long seed;

  @Option(names = "--home", required = true, description = "keeps the networks, to go on later")
  private Path home = Path.of("");

  @Option(names = "--json", description = "file for the figures")
  private Optional<Path> json = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Names of the forms, for the help. */
  static final class Forms implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return RECIPES.values().stream().flatMap(forms -> forms.keySet().stream()).iterator();
    }
  }

  /**
   * One form.
   *
   * @param accuracy on test images, right after the recipe
   * @param tunedAccuracy after fine-tuning
   */
  record Form(
      String recipe,
      long bytes,
      double accuracy,
      double tunedAccuracy,
      double millis,
      double seconds) {}

  /** All figures. */
  record Figures(
      String network, String data, long bytes, double accuracy, double millis, List<Form> forms) {}

  @Override
  public Integer call() throws IOException {
    if (!RECIPES.containsKey(network)) {
      throw new ParameterException(
          spec.commandLine(),
          "--network: '%s' is neither of %s.".formatted(network, RECIPES.keySet()));
    }
    Map<String, String> recipes = new LinkedHashMap<>(RECIPES.get(network));
    if (!wanted.isEmpty()) {
      if (!recipes.keySet().containsAll(wanted)) {
        throw new ParameterException(
            spec.commandLine(),
            "--recipes: of %s, not all are in %s.".formatted(wanted, recipes.keySet()));
      }
      recipes.keySet().retainAll(wanted);
    }
    Files.createDirectories(home);
    DataSet images = DataSets.load(data, DataOptions.of(seed), Progress.none());
    try (Workers workers = Workers.ofProcessors()) {
      OnnxGraph trained = kept("trained", () -> train(images, workers));
      Map<String, OnnxGraph> tuned = new LinkedHashMap<>();
      Map<String, OnnxGraph> raw = new LinkedHashMap<>();
      Map<String, Double> seconds = new LinkedHashMap<>();
      for (Map.Entry<String, String> recipe : recipes.entrySet()) {
        String name = recipe.getKey();
        CompressionRecipe steps = RecipeReader.read(recipe.getValue());
        OnnxGraph form =
            kept(name, () -> Compressor.apply(steps, trained, calibration(images)).model());
        raw.put(name, form);
        long start = System.nanoTime();
        tuned.put(name, kept(name + "-tuned", () -> tune(form, trained, images, name, workers)));
        seconds.put(name, (System.nanoTime() - start) / 1e9);
      }
      report(images, trained, raw, tuned, seconds);
    }
    return 0;
  }

  private OnnxGraph kept(String name, java.util.function.Supplier<OnnxGraph> make) {
    Path file = home.resolve("%s-%s.onnx".formatted(network, name));
    if (!Files.exists(file)) {
      make.get().write(file);
    }
    return OnnxGraph.read(file);
  }

  private OnnxGraph train(DataSet images, Workers workers) {
    int side = images.shape().height();
    int classes = images.classes().size();
    OnnxGraph fresh =
        network.equals("residual")
            ? TrainableNetworks.residual(side, classes, seed)
            : TrainableNetworks.perceptron(side, classes, seed);
    FineTuning settings = new FineTuning(steps(images, epochs), BATCH, 1e-3, 1, 1, seed);
    return new FineTuner(settings, lessons(images), workers)
        .tune(fresh, fresh, progress("training"));
  }

  private OnnxGraph tune(
      OnnxGraph form, OnnxGraph teacher, DataSet images, String name, Workers workers) {
    FineTuning settings = new FineTuning(steps(images, tuneEpochs), BATCH, 5e-4, 0.5, 2, seed);
    return new FineTuner(settings, lessons(images), workers).tune(form, teacher, progress(name));
  }

  private static long steps(DataSet images, int epochs) {
    return Math.max(1, (long) epochs * images.train().size() / BATCH);
  }

  private static FineTuning.Lessons lessons(DataSet images) {
    return new FineTuning.Lessons(images.train(), images.normalization(), Augmentation.of(images));
  }

  private static CalibrationData calibration(DataSet images) {
    int count = Math.min(CALIBRATION_IMAGES, images.train().size());
    return ImageFeed.normalised(
        images.train().subset(IntStream.range(0, count).toArray()), images.normalization());
  }

  private Progress progress(String what) {
    PrintWriter err = spec.commandLine().getErr();
    long[] told = {0};
    return (fraction, message) -> {
      if (System.nanoTime() - told[0] >= 5_000_000_000L) {
        told[0] = System.nanoTime();
        err.printf("%s: %3.0f %%  %s%n", what, 100 * fraction, message);
        err.flush();
      }
    };
  }

  private void report(
      DataSet images,
      OnnxGraph trained,
      Map<String, OnnxGraph> raw,
      Map<String, OnnxGraph> tuned,
      Map<String, Double> seconds)
      throws IOException {
    List<byte[]> models = new ArrayList<>(List.of(trained.toBytes()));
    tuned.values().forEach(graph -> models.add(graph.toBytes()));
    TensorValue image =
        TensorValue.floats(
            "image",
            Batches.of(images.test(), 0, 1, images.normalization()),
            1,
            3,
            images.shape().height(),
            images.shape().width());
    List<Latencies.Distribution> millis =
        Latencies.interleaved(models, Map.of("input", image), ROUNDS);
    List<Form> forms = new ArrayList<>();
    tuned.forEach(
        (name, graph) ->
            forms.add(
                new Form(
                    name,
                    graph.toBytes().length,
                    accuracy(raw.get(name), images),
                    accuracy(graph, images),
                    millis.get(forms.size() + 1).p50(),
                    seconds.get(name))));
    Figures figures =
        new Figures(
            network,
            images.name(),
            models.getFirst().length,
            accuracy(trained, images),
            millis.getFirst().p50(),
            forms);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-22s %9d bytes  %.4f  %33.3f ms%n",
        network, figures.bytes(), figures.accuracy(), figures.millis());
    for (Form form : forms) {
      out.printf(
          "%-22s %9d bytes  %.4f  fine-tuned %.4f  %12.3f ms  %6.1f s%n",
          form.recipe(),
          form.bytes(),
          form.accuracy(),
          form.tunedAccuracy(),
          form.millis(),
          form.seconds());
    }
    out.flush();
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
  }

  private static double accuracy(OnnxGraph graph, DataSet images) {
    return ClassScore.of(
            graph,
            new LabelledItems(
                ImageFeed.normalised(images.test(), images.normalization()),
                images.test().labels(),
                images.classes().size()))
        .orElseThrow();
  }
}
