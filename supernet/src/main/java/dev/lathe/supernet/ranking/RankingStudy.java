package dev.lathe.supernet.ranking;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import dev.lathe.graph.Extraction;
import dev.lathe.graph.Subnet;
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
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Measures how well supernets rank: trains them, then architectures of their space alone from fresh
 * weights, all for the same number of steps (at the same seconds small ones would get more), and
 * compares the orders (Yu et al., Evaluating the Search Phase of Neural Architecture Search, arXiv
 * 1902.08142). What is finished lies in a folder: a study that was killed goes on, and a study of
 * other supernets finds the stand-alone trainings done.
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
   * @throws IOException if the folder cannot be written, or holds stand-alone trainings of another
   *     length, data set or space
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
    keep(
        folder,
        new Identity(
            plan.seed(),
            plan.standaloneSteps(),
            plan.batch(),
            plan.workers(),
            plan.statisticsImages(),
            data.sha256(),
            space.name(),
            space.genes().toString()));
  }

  /** What decides the result of a stand-alone training: must be the same for a study to go on. */
  record Identity(
      long seed,
      long steps,
      int batch,
      int workers,
      int statisticsImages,
      String data,
      String space,
      String genes) {}

  private static void keep(Path folder, Identity identity) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("study.json");
    String wanted = JSON.writeValueAsString(identity);
    if (!Files.exists(file)) {
      Files.writeString(file, wanted);
      return;
    }
    String kept = Files.readString(file);
    if (!kept.equals(wanted)) {
      throw new IOException(
          "'%s' holds another study: %s. Maybe name another folder, or remove it."
              .formatted(folder, kept));
    }
  }

  /** Trains what is not yet trained, and compares. */
  public RankingReport run() throws IOException {
    List<Architecture> architectures =
        MacsSpread.draw(space, plan.architectures(), streams.at("ranking", 0));
    try (Workers workers = new Workers(plan.workers())) {
      List<Inherited> supernets = new ArrayList<>();
      for (int i = 0; i < plan.supernets(); i++) {
        supernets.add(inherited(i, architectures, workers));
      }
      StandaloneResults results = new StandaloneResults(folder.resolve("standalone.jsonl"));
      List<List<Double>> alone = standalone(architectures, results, workers);
      List<RankAgreement> agreements =
          supernets.stream()
              .map(supernet -> RankAgreement.of(networks(architectures, supernet, alone)))
              .toList();
      List<RankingReport.Supernet> each = new ArrayList<>();
      for (int i = 0; i < supernets.size(); i++) {
        RankAgreement own = agreements.get(i);
        each.add(
            new RankingReport.Supernet(
                own.kendall(),
                own.kendallOnTest(),
                own.kendallWithinBands(),
                supernets.get(i).seconds()));
      }
      return new RankingReport(
          RankAgreement.mean(agreements),
          each,
          networks(architectures, Inherited.mean(supernets), alone),
          results.seconds(architectures, plan.seeds()));
    }
  }

  /**
   * What a supernet tells.
   *
   * @param validation accuracy of each architecture on validation images
   * @param test the same on test images
   * @param seconds of training
   */
  private record Inherited(double[] validation, double[] test, double seconds) {
    static Inherited mean(List<Inherited> all) {
      return new Inherited(
          mean(all, Inherited::validation),
          mean(all, Inherited::test),
          all.stream().mapToDouble(Inherited::seconds).average().orElseThrow());
    }

    private static double[] mean(List<Inherited> all, Function<Inherited, double[]> values) {
      double[] sum = new double[values.apply(all.getFirst()).length];
      for (Inherited one : all) {
        double[] own = values.apply(one);
        Arrays.setAll(sum, i -> sum[i] + own[i] / all.size());
      }
      return sum;
    }
  }

  private Inherited inherited(int supernet, List<Architecture> architectures, Workers workers)
      throws IOException {
    RandomStreams own = new RandomStreams(streams.at("ranking.supernet", supernet).nextLong());
    String name = "%s-%d-%d".formatted(plan.lesson(), plan.supernetSteps(), supernet);
    try (WeightStore store = WeightStore.initialised(space.specs(), own.at("supernet.weights", 0));
        Trainer trainer =
            new Trainer(
                store,
                data.train(),
                data.normalization(),
                settings().withSteps(plan.supernetSteps()),
                plan.lesson().curriculum(space, own, plan.supernetSteps()),
                own,
                "supernet",
                workers)) {
      double seconds =
          TrainingRun.finish(
              trainer,
              folder.resolve("supernet-" + name.toLowerCase(Locale.ROOT) + ".safetensors"),
              (fraction, message) ->
                  progress.at(
                      SUPERNET_SHARE * (supernet + fraction) / plan.supernets(),
                      "supernet %d of %d: %s".formatted(supernet + 1, plan.supernets(), message)));
      List<Subnet> subnets = architectures.stream().map(space::subnet).toList();
      return new Inherited(
          accuracies(store, subnets, data.validation(), workers),
          accuracies(store, subnets, data.test(), workers),
          seconds);
    }
  }

  private double[] accuracies(
      WeightStore store, List<Subnet> subnets, LabelledImages images, Workers workers) {
    try (Evaluator evaluator = evaluator(images, workers)) {
      return evaluator.evaluate(store, subnets).stream()
          .mapToDouble(evaluation -> evaluation.accuracy().top1())
          .toArray();
    }
  }

  private List<RankedNetwork> networks(
      List<Architecture> architectures, Inherited inherited, List<List<Double>> alone) {
    List<RankedNetwork> networks = new ArrayList<>();
    for (int i = 0; i < architectures.size(); i++) {
      networks.add(
          new RankedNetwork(
              space.describe(architectures.get(i)),
              MacsSpread.macs(space, architectures.get(i)),
              inherited.validation()[i],
              inherited.test()[i],
              alone.get(i)));
    }
    return networks;
  }

  /** Accuracies after training alone: of each architecture, one a seed. */
  private List<List<Double>> standalone(
      List<Architecture> architectures, StandaloneResults results, Workers workers)
      throws IOException {
    int all = architectures.size() * plan.seeds();
    List<List<Double>> accuracies = new ArrayList<>();
    try (Evaluator evaluator = evaluator(data.test(), workers)) {
      for (Architecture architecture : architectures) {
        List<Double> own = new ArrayList<>();
        for (int seed = 0; seed < plan.seeds(); seed++) {
          Training training = new Training(architecture, seed);
          if (results.find(training).isEmpty()) {
            results.add(training, train(training, evaluator, workers));
          }
          own.add(results.find(training).orElseThrow().accuracy());
          int done = accuracies.size() * plan.seeds() + own.size();
          progress.at(
              SUPERNET_SHARE + (1 - SUPERNET_SHARE) * done / all,
              "alone: %d of %d trainings, the last reached %.1f %%"
                  .formatted(done, all, 100 * own.getLast()));
        }
        accuracies.add(own);
      }
    }
    return accuracies;
  }

  private Result train(Training training, Evaluator evaluator, Workers workers) {
    long start = System.nanoTime();
    Extraction own = Extraction.of(space.subnet(training.architecture()), space.specs());
    String name = "standalone." + training.seed();
    try (WeightStore store = WeightStore.initialised(own.tensors(), streams.at(name, 0));
        Trainer trainer =
            new Trainer(
                store,
                data.train(),
                data.normalization(),
                settings().withSteps(plan.standaloneSteps()),
                Curriculum.only(own.subnet()),
                streams,
                name,
                workers)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
      double accuracy =
          evaluator.evaluate(store, List.of(own.subnet())).getFirst().accuracy().top1();
      return new Result(accuracy, (System.nanoTime() - start) / 1e9);
    }
  }

  private TrainingSettings settings() {
    return TrainingSettings.of(1, Augmentation.of(data)).withBatch(plan.batch());
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
