package dev.lathe.bench;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.singlepath.SinglePathSearch;
import dev.lathe.supernet.singlepath.SuperkernelRuntimes;
import dev.lathe.supernet.singlepath.Superkernels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Single-Path NAS beside NSGA-II on one space and one device: for each latency target a network of
 * either, fine-tuned alike and measured together. Both may use the same processor time: that of one
 * single-path search a target, which NSGA-II spends on one supernet and its evaluations.
 */
final class SinglePathComparison {
  private static final int PROBE_STEPS = 20;
  private static final int CANDIDATES = 4;

  private final Settings settings;
  private final DataSet data;
  private final MobileSpace space;
  private final Kept kept;
  private final Workers workers;
  private final Progress progress;
  private final RandomStreams streams;
  private final Superkernels kernels;

  /**
   * What the results depend on.
   *
   * @param targets latencies in milliseconds; where there are none, 30, 50 and 70 % of the way (in
   *     logarithms) from the fastest to the slowest network
   * @param steps of each single-path search
   * @param fineTuneSteps of each network found
   * @param calibrationNetworks measured for the predictor
   * @param evaluations of NSGA-II
   */
  record Settings(
      String data,
      String space,
      long seed,
      List<Double> targets,
      long steps,
      long fineTuneSteps,
      int batch,
      int workers,
      int calibrationNetworks,
      int evaluations,
      int population,
      double warmup,
      double dropped,
      double held) {}

  /** Processor seconds of one step of each kind. */
  record Costs(double warmupStep, double searchStep, double supernetStep, double evaluation) {}

  /**
   * An architecture chosen for a target.
   *
   * @param learntMillis latency of the network that the last gates left, before it was rounded
   * @param lambda the last weight of the run time
   * @param margins of the gates; the last three 0 or empty for NSGA-II
   */
  record Chosen(
      Map<String, String> architecture,
      double predictedMillis,
      double learntMillis,
      double lambda,
      Map<String, Double> margins) {}

  /** One row of the table; a latency that could not be measured is NaN. */
  record Row(
      String method,
      double targetMillis,
      double predictedMillis,
      double measuredMillis,
      Finished network,
      Map<String, String> architecture) {}

  /** All figures. */
  record Figures(
      List<Row> rows,
      Costs costs,
      double singlePathSeconds,
      double evolutionSeconds,
      long supernetSteps,
      double tableError,
      CalibrationReport predictor) {}

  SinglePathComparison(
      Settings settings,
      ImageTask task,
      MobileSpace space,
      Kept kept,
      Workers workers,
      Progress progress) {
    this.settings = settings;
    this.data = task.data();
    this.space = space;
    this.kept = kept;
    this.workers = workers;
    this.progress = progress;
    this.streams = new RandomStreams(settings.seed());
    this.kernels = new Superkernels(space);
  }

  Figures run(LocalDevice local) throws IOException {
    CalibratedDevice device =
        CalibratedDevice.of(
            local, space, data, settings.calibrationNetworks(), streams, kept, progress);
    ToDoubleFunction<Architecture> latency = device.latency(space);
    List<Double> targets = targets(latency);
    SinglePathSearch search = search(latency);
    Costs costs = kept.once("costs", Costs.class, () -> costs(search, targets.getFirst()));
    double budget =
        search.warmupSteps() * costs.warmupStep()
            + targets.size() * (settings.steps() - search.warmupSteps()) * costs.searchStep();
    long supernetSteps =
        Math.max(
            1,
            Math.round(
                (budget - settings.evaluations() * costs.evaluation()) / costs.supernetStep()));
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      rows.add(singlePath(i, targets.get(i), search));
    }
    rows.addAll(evolution(targets, latency, supernetSteps));
    return new Figures(
        measured(rows, local),
        costs,
        budget,
        supernetSteps * costs.supernetStep() + settings.evaluations() * costs.evaluation(),
        supernetSteps,
        search.tableError(100, streams.at("table", 0)),
        device.report());
  }

  private List<Double> targets(ToDoubleFunction<Architecture> latency) {
    if (!settings.targets().isEmpty()) {
      return settings.targets();
    }
    double least = Math.log(latency.applyAsDouble(space.smallest()));
    double most = Math.log(latency.applyAsDouble(space.largest()));
    return List.of(0.3, 0.5, 0.7).stream()
        .map(share -> Math.exp(least + share * (most - least)))
        .toList();
  }

  private TrainingSettings training(long steps) {
    return TrainingSettings.of(steps, Augmentation.of(data)).withBatch(settings.batch());
  }

  private SinglePathSearch search(ToDoubleFunction<Architecture> latency) {
    return new SinglePathSearch(
        kernels,
        SuperkernelRuntimes.of(kernels, latency),
        latency,
        training(settings.steps()),
        settings.warmup(),
        settings.dropped(),
        settings.held());
  }

  private Row singlePath(int index, double target, SinglePathSearch search) throws IOException {
    String name = "singlepath-" + index;
    String label = "single-path for %.4f ms: ".formatted(target);
    Path checkpoint = kept.file(name + ".safetensors");
    try (WeightStore store = WeightStore.initialised(kernels.specs(), streams.at("weights", 0))) {
      Chosen chosen =
          kept.once(
              name,
              Chosen.class,
              () -> {
                SinglePathSearch.Found found =
                    search.run(
                        store,
                        target,
                        data,
                        streams,
                        workers,
                        kept.file("warm-up.safetensors"),
                        checkpoint,
                        (fraction, message) -> progress.at(fraction, label + message));
                return new Chosen(
                    space.describe(found.architecture()),
                    found.millis(),
                    found.learntMillis(),
                    found.lambda(),
                    found.margins());
              });
      return finished("single-path", name, target, chosen, store, checkpoint);
    }
  }

  /** Fine-tunes a chosen network from the weights in a checkpoint. */
  private Row finished(
      String method, String name, double target, Chosen chosen, WeightStore store, Path weights)
      throws IOException {
    Finished network =
        kept.once(
            name + "-finished",
            Finished.class,
            () -> {
              progress.at(0, "fine-tuning " + name);
              store.load(Safetensors.read(weights).tensors());
              return Finished.of(
                  space.subnet(space.parse(chosen.architecture())),
                  store,
                  settings.fineTuneSteps(),
                  settings.batch(),
                  data,
                  streams,
                  workers,
                  kept.file(name + ".onnx"));
            });
    return new Row(
        method, target, chosen.predictedMillis(), Double.NaN, network, chosen.architecture());
  }

  private List<Row> evolution(
      List<Double> targets, ToDoubleFunction<Architecture> latency, long supernetSteps)
      throws IOException {
    Path checkpoint = kept.file("supernet.safetensors");
    try (WeightStore store = WeightStore.initialised(space.specs(), streams.at("weights", 0))) {
      Chosen[] chosen =
          kept.once(
              "nsga2",
              Chosen[].class,
              () -> {
                EvolutionRival rival = new EvolutionRival(space, data, streams, workers, progress);
                rival.train(store, training(supernetSteps), checkpoint);
                return rival.search(
                    store, settings.evaluations(), settings.population(), latency, targets);
              });
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < targets.size(); i++) {
        rows.add(finished("nsga2", "nsga2-" + i, targets.get(i), chosen[i], store, checkpoint));
      }
      return rows;
    }
  }

  private List<Row> measured(List<Row> rows, LocalDevice local) {
    List<Path> files = new ArrayList<>();
    int targets = rows.size() / 2;
    for (int i = 0; i < rows.size(); i++) {
      files.add(
          kept.file(
              i < targets
                  ? "singlepath-%d.onnx".formatted(i)
                  : "nsga2-%d.onnx".formatted(i - targets)));
    }
    progress.at(1, "measuring %d networks".formatted(files.size()));
    List<OptionalDouble> latencies = local.latencies(files);
    List<Row> measured = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      measured.add(
          new Row(
              row.method(),
              row.targetMillis(),
              row.predictedMillis(),
              latencies.get(i).orElse(Double.NaN),
              row.network(),
              row.architecture()));
    }
    return measured;
  }

  private Costs costs(SinglePathSearch search, double target) {
    progress.at(0, "timing steps");
    double warmup = stepSeconds(search, target);
    double gated = stepSeconds(search.withWarmup(0), target);
    double supernet;
    double evaluation;
    try (WeightStore store = WeightStore.initialised(space.specs(), streams.at("weights", 0));
        Trainer trainer =
            new EvolutionRival(space, data, streams, workers, progress)
                .trainer(store, training(1000));
        Evaluator evaluator = Finished.evaluator(data, data.validation(), streams, workers)) {
      supernet = processorSeconds(() -> advance(trainer)) / PROBE_STEPS;
      evaluation =
          processorSeconds(
                  () ->
                      evaluator.evaluate(
                          store,
                          IntStream.range(0, CANDIDATES)
                              .mapToObj(i -> space.sample(streams.at("probe", i)))
                              .map(space::subnet)
                              .toList()))
              / CANDIDATES;
    }
    return new Costs(warmup, gated, supernet, evaluation);
  }

  private double stepSeconds(SinglePathSearch search, double target) {
    try (WeightStore store = WeightStore.initialised(kernels.specs(), streams.at("weights", 0));
        Trainer trainer = search.trainer(store, target, data, streams, workers)) {
      return processorSeconds(() -> advance(trainer)) / PROBE_STEPS;
    }
  }

  private static void advance(Trainer trainer) {
    for (int i = 0; i < PROBE_STEPS; i++) {
      trainer.advance();
    }
  }

  private static double processorSeconds(Runnable work) {
    double before = processorSeconds();
    work.run();
    return processorSeconds() - before;
  }

  private static double processorSeconds() {
    return ProcessHandle.current()
            .info()
            .totalCpuDuration()
            .orElseThrow(
                () -> new IllegalStateException("this system does not tell the processor time."))
            .toNanos()
        / 1e9;
  }
}
