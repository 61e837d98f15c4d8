package dev.lathe.runs.stages;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.space.Architecture;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.singlepath.SinglePathSearch;
import dev.lathe.supernet.singlepath.SuperkernelRuntimes;
import dev.lathe.supernet.singlepath.Superkernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** Single-Path NAS for each latency target, all from one warm-up. */
final class SinglePathStage {
  private static final double[] SHARES = {0.3, 0.5, 0.7};
  private static final double SHARE_OF_BUDGET = 0.5;
  private static final String TARGETS = "singlepath.targets";
  private static final String STEPS = "singlepath.steps";
  private static final int PROBE_STEPS = 12;

  private final Run run;
  private final TrainedSearching searching;

  SinglePathStage(Run run, TrainedSearching searching) {
    this.run = run;
    this.searching = searching;
  }

  void run(HypervolumeHistory history) {
    if (!(run.space() instanceof MobileSpace space)) {
      throw new InvalidSearch(
          "method", "single-path needs a space of inverted residuals. Maybe choose nsga2.");
    }
    Superkernels kernels = new Superkernels(space);
    ToDoubleFunction<Architecture> latency = searching.latency();
    double[] targets = run.facts().once(TARGETS, double[].class, () -> targets(latency));
    SinglePathSearch probe = search(kernels, latency, 1000);
    long steps =
        run.settings()
            .supernetSteps()
            .orElseGet(
                () -> run.facts().once(STEPS, Long.class, () -> steps(probe, kernels, targets)));
    SinglePathSearch search = search(kernels, latency, steps);
    for (int i = 0; i < targets.length; i++) {
      Path checkpoint = run.workFolder().resolve("single-path-%d.safetensors".formatted(i));
      double done = i;
      try (WeightStore store =
          WeightStore.initialised(kernels.specs(), run.streams().at("supernet.weights", 0))) {
        String label = "single-path for %.4f ms: ".formatted(targets[i]);
        SinglePathSearch.Found found =
            search.run(
                store,
                targets[i],
                run.taught(),
                run.streams(),
                run.workers(),
                run.workFolder().resolve("single-path-warm-up.safetensors"),
                checkpoint,
                (fraction, message) -> {
                  run.control().checkpoint();
                  run.progress(Stage.TRAINING, (done + fraction) / targets.length, label + message);
                });
        run.clock().save();
        searching.propose(
            i,
            new TrainedSearching.Proposal(run.space().describe(found.architecture()), checkpoint),
            history);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the checkpoints of the search cannot be kept: " + e.getMessage(), e);
      }
    }
  }

  private SinglePathSearch search(
      Superkernels kernels, ToDoubleFunction<Architecture> latency, long steps) {
    return new SinglePathSearch(
        kernels,
        SuperkernelRuntimes.of(kernels, latency),
        latency,
        Recipe.of(run, steps, run.space().subnet(run.space().largest())),
        Methods.setting(run.request(), "warmup"),
        Methods.setting(run.request(), "dropped"),
        Methods.setting(run.request(), "held"));
  }

  private double[] targets(ToDoubleFunction<Architecture> latency) {
    List<Double> asked = Methods.targets(run.request(), run.measurements().device().name());
    if (!asked.isEmpty()) {
      return asked.stream().mapToDouble(Double::doubleValue).toArray();
    }
    double least = Math.log(latency.applyAsDouble(run.space().smallest()));
    double most = Math.log(latency.applyAsDouble(run.space().largest()));
    return DoubleStream.of(SHARES).map(share -> Math.exp(least + share * (most - least))).toArray();
  }

  /** So many that warm-up and all targets take their share of the budget. */
  private long steps(SinglePathSearch probe, Superkernels kernels, double[] targets) {
    double warm = secondsPerStep(probe, kernels, targets[0]);
    double gated = secondsPerStep(probe.withWarmup(0), kernels, targets[0]);
    double warmup = Methods.setting(run.request(), "warmup");
    double each = warmup * warm + targets.length * (1 - warmup) * gated;
    return Math.max(40, Math.round(SHARE_OF_BUDGET * run.budgetSeconds() / each));
  }

  private double secondsPerStep(SinglePathSearch search, Superkernels kernels, double target) {
    try (WeightStore store =
            WeightStore.initialised(kernels.specs(), run.streams().at("probe", 0));
        Trainer trainer =
            search.trainer(store, target, run.taught(), run.streams(), run.workers())) {
      double start = System.nanoTime();
      for (int i = 0; i < PROBE_STEPS; i++) {
        run.control().checkpoint();
        double unused = trainer.advance();
      }
      return (System.nanoTime() - start) / 1e9 / PROBE_STEPS;
    }
  }
}
