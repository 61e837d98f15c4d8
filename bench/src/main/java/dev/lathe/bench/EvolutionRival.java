package dev.lathe.bench;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Nsga2;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingRun;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** NSGA-II on a supernet, as a service's searches do it: what Single-Path is compared with. */
record EvolutionRival(
    NetworkSpace space, DataSet data, RandomStreams streams, Workers workers, Progress progress) {
  /** Trains a supernet, from its last checkpoint if there is one. */
  void train(WeightStore store, TrainingSettings training, Path checkpoint) throws IOException {
    try (Trainer trainer = trainer(store, training)) {
      TrainingRun.finish(
          trainer,
          checkpoint,
          (fraction, message) -> progress.at(fraction, "supernet for NSGA-II: " + message));
    }
  }

  /** The training of the supernet at its first step; to be closed. */
  Trainer trainer(WeightStore store, TrainingSettings training) {
    return new Trainer(
        store,
        data.train(),
        data.normalization(),
        training,
        Curriculum.sandwich(space, streams, 2),
        streams,
        "supernet",
        workers);
  }

  /** For each target the most accurate network, on validation images, that was seen to meet it. */
  SinglePathComparison.Chosen[] search(
      WeightStore store,
      int evaluations,
      int population,
      ToDoubleFunction<Architecture> latency,
      List<Double> targets) {
    Search search =
        Search.start(
            new Nsga2(population, 0.9, 1),
            SearchProblem.of(space, Objective.maximize("accuracy"), Objective.minimize("millis")),
            streams.seed());
    List<Evaluation.Measured> all = new ArrayList<>();
    try (Evaluator evaluator = Finished.evaluator(data, data.validation(), streams, workers)) {
      while (all.size() < evaluations) {
        List<Architecture> asked = search.ask(Math.min(population, evaluations - all.size()));
        if (asked.isEmpty()) {
          break;
        }
        List<Evaluator.Evaluation> accuracies =
            evaluator.evaluate(store, asked.stream().map(space::subnet).toList());
        List<Evaluation.Measured> told = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
          told.add(
              new Evaluation.Measured(
                  asked.get(i),
                  Map.of(
                      "accuracy",
                      accuracies.get(i).accuracy().top1(),
                      "millis",
                      latency.applyAsDouble(asked.get(i)))));
        }
        search.tell(told);
        all.addAll(told);
        progress.at(
            (double) all.size() / evaluations,
            "NSGA-II: %d of %d evaluations".formatted(all.size(), evaluations));
      }
    }
    return targets.stream()
        .map(target -> best(all, target))
        .toArray(SinglePathComparison.Chosen[]::new);
  }

  private SinglePathComparison.Chosen best(List<Evaluation.Measured> all, double target) {
    Evaluation.Measured best =
        all.stream()
            .filter(e -> e.metrics().get("millis") <= target)
            .max(Comparator.comparingDouble(e -> e.metrics().get("accuracy")))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "NSGA-II saw no network of %.4f ms or less.".formatted(target)));
    return new SinglePathComparison.Chosen(
        space.describe(best.architecture()), best.metrics().get("millis"), 0, 0, Map.of());
  }
}
