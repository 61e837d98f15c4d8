package dev.lathe.supernet.ranking;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import dev.lathe.graph.Extraction;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingRun;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.ranking.StandaloneResults.Result;
import dev.lathe.supernet.ranking.StandaloneResults.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures how well a supernet ranks: trains it, then architectures of its space alone from fresh
 * weights, all for the same number of steps (at the same seconds small ones would get more), and
 * compares the orders (Yu et al., Evaluating the Search Phase of Neural Architecture Search, arXiv
 * 1902.08142). What is finished lies in a folder: a study that was killed goes on.
 */
public final class RankingStudy {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double SUPERNET_SHARE = 0.35;

  private final RankingPlan plan;
  private final DataSet data;
  private final NetworkSpace space;
  private final Path folder;
  private final Progress progress;
  private final RandomStreams streams;

  /**
   * A study, or what is left of it.
   *
   * @param folder where its state is kept; made if it is not there
   * @throws IOException if the folder cannot be written, or holds a study of another plan, data set
   *     or space
   */
  public RankingStudy(
      RankingPlan plan, DataSet data, NetworkSpace space, Path folder, Progress progress)
      throws IOException {
    this.plan = plan;
    this.data = data;
    this.space = space;
    this.folder = folder;
    this.progress = progress;
    this.streams = new RandomStreams(plan.seed());
    keep(folder, new Identity(plan, data.sha256(), space.name(), space.genes().toString()));
  }

  /** What must be the same for a study to go on. */
  record Identity(RankingPlan plan, String data, String space, String genes) {}

  private static void keep(Path folder, Identity identity) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("study.json");
    if (!Files.exists(file)) {
      Files.write(file, JSON.writeValueAsBytes(identity));
      return;
    }
    Identity kept = JSON.readValue(file.toFile(), Identity.class);
    if (!kept.equals(identity)) {
      throw new IOException(
          "'%s' holds another study: %s on '%s'. Maybe name another folder, or remove it."
              .formatted(folder, kept.plan(), kept.space()));
    }
  }

  /** Trains what is not yet trained, and compares. */
  public RankingReport run() throws IOException {
    List<Architecture> architectures =
        MacsSpread.draw(space, plan.architectures(), streams.at("ranking", 0));
    try (Workers workers = new Workers(plan.workers())) {
      Inherited inherited = inherited(architectures, workers);
      StandaloneResults results = new StandaloneResults(folder.resolve("standalone.jsonl"));
      List<RankedNetwork> networks =
          standalone(architectures, inherited.accuracies(), results, workers);
      return new RankingReport(
          RankAgreement.of(networks),
          networks,
          plan.supernetSteps(),
          plan.standaloneSteps(),
          inherited.seconds(),
          results.seconds());
    }
  }

  /**
   * What the supernet tells.
   *
   * @param accuracies for each architecture on validation and on test images
   * @param seconds of training
   */
  private record Inherited(List<List<Double>> accuracies, double seconds) {}

  private Inherited inherited(List<Architecture> architectures, Workers workers)
      throws IOException {
    try (WeightStore store =
            WeightStore.initialised(space.tensors(), streams.at("supernet.weights", 0));
        Trainer trainer =
            trainer(
                store,
                plan.curriculum(space, streams),
                settings().withSteps(plan.supernetSteps()),
                "supernet",
                workers)) {
      double seconds =
          TrainingRun.finish(
              trainer,
              folder.resolve("supernet.safetensors"),
              (fraction, message) ->
                  progress.at(SUPERNET_SHARE * fraction, "supernet: " + message));
      List<NetworkGraph> graphs = architectures.stream().map(space::network).toList();
      List<List<Double>> accuracies = new ArrayList<>();
      graphs.forEach(_ -> accuracies.add(new ArrayList<>()));
      for (LabelledImages images : List.of(data.validation(), data.test())) {
        try (Evaluator evaluator = evaluator(images, workers)) {
          List<Evaluator.Evaluation> evaluations = evaluator.evaluate(store, graphs);
          for (int i = 0; i < graphs.size(); i++) {
            accuracies.get(i).add(evaluations.get(i).accuracy().top1());
          }
        }
      }
      return new Inherited(accuracies, seconds);
    }
  }

  private List<RankedNetwork> standalone(
      List<Architecture> architectures,
      List<List<Double>> inherited,
      StandaloneResults results,
      Workers workers)
      throws IOException {
    int all = architectures.size() * plan.seeds();
    List<RankedNetwork> networks = new ArrayList<>();
    try (Evaluator evaluator = evaluator(data.test(), workers)) {
      for (int i = 0; i < architectures.size(); i++) {
        Architecture architecture = architectures.get(i);
        List<Double> accuracies = new ArrayList<>();
        for (int seed = 0; seed < plan.seeds(); seed++) {
          Training training = new Training(architecture, seed);
          if (results.find(training).isEmpty()) {
            results.add(training, train(training, evaluator, workers));
          }
          accuracies.add(results.find(training).orElseThrow().accuracy());
          int done = i * plan.seeds() + seed + 1;
          progress.at(
              SUPERNET_SHARE + (1 - SUPERNET_SHARE) * done / all,
              "alone: %d of %d trainings, the last reached %.1f %%"
                  .formatted(done, all, 100 * accuracies.getLast()));
        }
        networks.add(
            new RankedNetwork(
                space.describe(architecture),
                MacsSpread.macs(space, architecture),
                inherited.get(i).get(0),
                inherited.get(i).get(1),
                accuracies));
      }
    }
    return networks;
  }

  private Result train(Training training, Evaluator evaluator, Workers workers) {
    long start = System.nanoTime();
    Extraction own = Extraction.of(space.network(training.architecture()));
    String name = "standalone." + training.seed();
    try (WeightStore store = WeightStore.initialised(own.tensors(), streams.at(name, 0));
        Trainer trainer =
            trainer(
                store,
                Curriculum.only(own.graph()),
                settings().withSteps(plan.standaloneSteps()),
                name,
                workers)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
      double accuracy =
          evaluator.evaluate(store, List.of(own.graph())).getFirst().accuracy().top1();
      return new Result(accuracy, (System.nanoTime() - start) / 1e9);
    }
  }

  private TrainingSettings settings() {
    return TrainingSettings.of(1, Augmentation.of(data)).withBatch(plan.batch());
  }

  private Trainer trainer(
      WeightStore store,
      Curriculum curriculum,
      TrainingSettings settings,
      String stream,
      Workers workers) {
    return new Trainer(
        store, data.train(), data.normalization(), settings, curriculum, streams, stream, workers);
  }

  private Evaluator evaluator(LabelledImages images, Workers workers) {
    return new Evaluator(
        data.train(),
        plan.statisticsImages(),
        images,
        data.normalization(),
        data.classes().size(),
        streams,
        workers);
  }
}
