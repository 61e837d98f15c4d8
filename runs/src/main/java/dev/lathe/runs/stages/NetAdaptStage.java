package dev.lathe.runs.stages;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.SearchRequest.Limit;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingRun;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.netadapt.NetAdapt;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** NetAdapt from the largest network of the space; every network of its sequence is proposed. */
final class NetAdaptStage {
  private static final double SHARE_OF_BUDGET = 0.35;
  private static final double PROPOSALS_LEARNING_RATE = 0.05;
  private static final String STEPS = "netadapt.steps";

  private final Run run;
  private final TrainedSearching searching;

  NetAdaptStage(Run run, TrainedSearching searching) {
    this.run = run;
    this.searching = searching;
  }

  void run(HypervolumeHistory history) {
    ToDoubleFunction<Architecture> latency = searching.latency();
    Architecture first = run.space().largest();
    Path folder = run.workFolder().resolve("netadapt");
    try (WeightStore store =
        WeightStore.initialised(run.space().specs(), run.streams().at("supernet.weights", 0))) {
      train(first, store);
      NetAdapt method =
          new NetAdapt(
              run.space(),
              latency,
              Methods.setting(run.request(), "reduction"),
              Methods.setting(run.request(), "decay"),
              Recipe.of(
                      run,
                      (long) Methods.setting(run.request(), "shortSteps"),
                      run.space().subnet(first))
                  .withPeakLearningRate(PROPOSALS_LEARNING_RATE));
      List<NetAdapt.Step> sequence =
          method.run(
              first,
              store,
              target(latency.applyAsDouble(first)),
              run.taught(),
              run.streams(),
              run.workers(),
              folder,
              (fraction, message) -> {
                run.control().checkpoint();
                run.progress(Stage.SEARCH, fraction, message);
              });
      run.clock().save();
      for (int i = 0; i < sequence.size(); i++) {
        searching.propose(
            i,
            new TrainedSearching.Proposal(
                sequence.get(i).architecture(), NetAdapt.weights(folder, i)),
            history);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "the checkpoints of the search cannot be kept: " + e.getMessage(), e);
    }
  }

  private double target(double firstMillis) {
    Metric latency = Metric.on(Quantity.LATENCY, run.measurements().device().name());
    return run.request().constraints().stream()
        .filter(limit -> limit.metric().equals(latency))
        .map(Limit::atMost)
        .filter(java.util.OptionalDouble::isPresent)
        .map(java.util.OptionalDouble::getAsDouble)
        .findFirst()
        .orElse(Methods.setting(run.request(), "target") * firstMillis);
  }

  private void train(Architecture first, WeightStore store) throws IOException {
    Curriculum curriculum = Curriculum.only(run.space().subnet(first));
    long steps =
        run.settings()
            .supernetSteps()
            .orElseGet(
                () ->
                    run.facts()
                        .once(
                            STEPS,
                            Long.class,
                            () ->
                                Math.max(
                                    50,
                                    Math.round(
                                        SHARE_OF_BUDGET
                                            * run.budgetSeconds()
                                            / StepProbe.secondsPerStep(
                                                run,
                                                store.specs(),
                                                curriculum,
                                                Recipe.of(run, 1, run.space().subnet(first)))))));
    try (Trainer trainer =
        new Trainer(
            store,
            run.lessons(),
            run.data().normalization(),
            Recipe.of(run, steps, run.space().subnet(first)),
            curriculum,
            run.streams(),
            "first",
            run.workers())) {
      TrainingRun.finish(
          trainer,
          run.workFolder().resolve("first.safetensors"),
          (fraction, message) -> {
            run.control().checkpoint();
            run.progress(Stage.TRAINING, fraction, "the largest network: " + message);
          });
    }
  }
}
