package dev.lathe.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.graph.Extraction;
import dev.lathe.graph.TensorSpec;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Lesson;
import dev.lathe.supernet.StepTime;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.ranking.RankAgreement;
import dev.lathe.supernet.ranking.RankedNetwork;
import dev.lathe.supernet.ranking.RankingPlan;
import dev.lathe.supernet.ranking.RankingReport;
import dev.lathe.supernet.ranking.RankingStudy;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench ranking}: whether a supernet ranks networks as training each alone does. */
@Command(
    name = "ranking",
    mixinStandardHelpOptions = true,
    description = {
      "Trains supernets, then architectures of their space alone from fresh weights, all for the"
          + " same number of steps, and compares the orders.",
      "Finished work is kept in a folder: the same command goes on after a kill, and with the same"
          + " --state another lesson finds the networks alone already trained.",
      "Example: ./lathe bench ranking --data builtin --architectures 24 --minutes 30 --json out.json"
    })
final class RankingBench implements Callable<Integer> {
  /** The supernets get this share of the minutes, the networks alone the rest. */
  private static final double SUPERNET_SHARE = 0.35;

  @Spec private CommandSpec spec;

  @Option(names = "--data", required = true, description = "builtin, idx:, cifar: or folder:DIR.")
  private String data;

  @Option(
      names = "--architectures",
      defaultValue = "24",
      description = "How many are trained alone (${DEFAULT-VALUE}).")
  private int architectures;

  @Option(
      names = "--seeds",
      defaultValue = "2",
      description = "Trainings of each, from different weights (${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Seed of all else (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--minutes",
      defaultValue = "30",
      description = "About how long, where steps are open (${DEFAULT-VALUE}).")
  private double minutes;

  @Option(
      names = "--supernets",
      defaultValue = "3",
      description = "How many are trained, from different weights (${DEFAULT-VALUE}).")
  private int supernets;

  @Option(names = "--supernet-steps", description = "Training steps of each supernet.")
  private Optional<Long> supernetSteps = Optional.empty();

  @Option(names = "--steps", description = "Training steps of each network alone.")
  private Optional<Long> steps = Optional.empty();

  @Option(names = "--space", description = "YAML file or built-in name (by the images' size).")
  private Optional<String> space = Optional.empty();

  @Option(
      names = "--lesson",
      defaultValue = "FAIR",
      description = "Networks a step of the supernet trains: ${COMPLETION-CANDIDATES}.")
  private Lesson lesson;

  @Option(
      names = "--statistics-images",
      defaultValue = "256",
      description = "Images from which batch norms are re-estimated (${DEFAULT-VALUE}).")
  private int statisticsImages;

  @Option(names = "--batch", defaultValue = "64", description = "Images a step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--workers", description = "Threads that share a batch (one a processor).")
  private Optional<Integer> workers = Optional.empty();

  @Option(names = "--state", description = "Folder of finished work (beside the JSON file).")
  private Optional<Path> state = Optional.empty();

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  /** The figures: the mean agreement, then what it was computed from. */
  record Figures(
      @JsonUnwrapped RankAgreement agreement,
      List<RankedNetwork> architectures,
      List<RankingReport.Supernet> supernets,
      String data,
      RankingPlan plan,
      double standaloneSeconds) {}

  @Override
  public Integer call() throws IOException {
    if (!(minutes > 0) || architectures < 3 || seeds < 1 || supernets < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--minutes is %s, --architectures %d, --seeds %d and --supernets %d; they must be > 0, >= 3, >= 1 and >= 1."
              .formatted(minutes, architectures, seeds, supernets));
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task =
        ImageTask.load(data, space, seed, (fraction, message) -> line.show("data", 0, message));
    Path folder = Kept.folder(state, json);
    RankingPlan plan = plan(task, folder);
    RankingReport report =
        new RankingStudy(
                plan,
                task.data(),
                task.space(),
                folder.resolve("study"),
                (fraction, message) -> line.show("ranking", fraction, message))
            .run();
    line.end();
    Figures figures =
        new Figures(
            report.agreement(),
            report.architectures(),
            report.supernets(),
            data,
            plan,
            report.standaloneSeconds());
    print(spec.commandLine().getOut(), figures);
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
    return 0;
  }

  /** Step counts as asked for, or as the minutes allow; those are found once and kept. */
  private RankingPlan plan(ImageTask task, Path folder) throws IOException {
    int threads =
        workers.orElseGet(() -> Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8));
    RankingPlan plan =
        new RankingPlan(
            seed, architectures, seeds, supernets, 1, 1, batch, threads, lesson, statisticsImages);
    Path kept = folder.resolve("steps.json");
    if (Files.exists(kept)) {
      return plan.withSteps(
          supernetSteps.orElse(JsonFile.read(kept).get("supernet").asLong()),
          steps.orElse(JsonFile.read(kept).get("alone").asLong()));
    }
    double seconds = 60 * minutes;
    long ofSupernet =
        supernetSteps.orElseGet(
            () ->
                steps(
                    SUPERNET_SHARE * seconds / supernets,
                    Lesson.LARGEST_ALONE
                            * secondsPerStep(
                                task, task.space().specs(), Lesson.alone(task.space()), threads)
                        + (1 - Lesson.LARGEST_ALONE)
                            * secondsPerStep(
                                task,
                                task.space().specs(),
                                lesson.sharing(task.space(), new RandomStreams(seed)),
                                threads)));
    long alone =
        steps.orElseGet(
            () ->
                steps(
                    (1 - SUPERNET_SHARE) * seconds / (architectures * seeds),
                    alone(task, threads)));
    JsonFile.write(kept, Map.of("supernet", ofSupernet, "alone", alone));
    return plan.withSteps(ofSupernet, alone);
  }

  private static long steps(double seconds, double each) {
    return Math.max(20, Math.round(seconds / each));
  }

  /** Mean over the architectures of the seconds of a step. */
  private double alone(ImageTask task, int threads) {
    return List.of(task.space().smallest(), task.space().largest()).stream()
        .map(task.space()::subnet)
        .map(subnet -> Extraction.of(subnet, task.space().specs()))
        .mapToDouble(
            own -> secondsPerStep(task, own.tensors(), Curriculum.only(own.subnet()), threads))
        .average()
        .orElseThrow();
  }

  private double secondsPerStep(
      ImageTask task, Map<String, TensorSpec> tensors, Curriculum curriculum, int threads) {
    RandomStreams streams = new RandomStreams(seed);
    DataSet images = task.data();
    try (Workers shared = new Workers(threads);
        WeightStore store = WeightStore.initialised(tensors, streams.at("probe", 0));
        Trainer trainer =
            new Trainer(
                store,
                images.train(),
                images.normalization(),
                TrainingSettings.of(StepTime.MOST_STEPS, Augmentation.of(images)).withBatch(batch),
                curriculum,
                streams,
                "probe",
                shared)) {
      return StepTime.seconds(trainer, () -> {});
    }
  }

  private static void print(PrintWriter out, Figures figures) {
    out.printf("%10s %10s %10s  %s%n", "MACs", "inherited", "alone", "(top-1, %)");
    figures.architectures().stream()
        .sorted(Comparator.comparingLong(RankedNetwork::macs))
        .forEach(
            network ->
                out.printf(
                    "%10d %10.2f %10.2f  %s%n",
                    network.macs(),
                    100 * network.inherited(),
                    100 * network.standalone().stream().mapToDouble(d -> d).average().orElseThrow(),
                    network.standalone()));
    RankAgreement agreement = figures.agreement();
    out.printf("%-34s %8s %12s%n", "Kendall with stand-alone accuracy", "overall", "in bands");
    row(out, "inherited, validation images", agreement.kendall(), agreement.kendallWithinBands());
    row(out, "inherited, test images", agreement.kendallOnTest(), Double.NaN);
    row(out, "multiply-adds", agreement.kendallOfMacs(), agreement.kendallOfMacsWithinBands());
    row(
        out,
        "another seed alone",
        agreement.kendallOfSeeds(),
        agreement.kendallOfSeedsWithinBands());
    figures
        .supernets()
        .forEach(
            supernet ->
                out.printf(
                    "one supernet: validation %.3f, test %.3f, in bands %.3f; %.0f s%n",
                    supernet.kendall(),
                    supernet.kendallOnTest(),
                    supernet.kendallWithinBands(),
                    supernet.seconds()));
    out.printf(
        "Spearman %.3f; %d pairs within ±15 %% of multiply-adds; %s, %d steps a supernet, %d steps each alone in %.0f s%n",
        agreement.spearman(),
        agreement.pairsWithinBands(),
        figures.plan().lesson(),
        figures.plan().supernetSteps(),
        figures.plan().standaloneSteps(),
        figures.standaloneSeconds());
    out.flush();
  }

  private static void row(PrintWriter out, String name, double overall, double inBands) {
    out.printf(
        "  %-32s %8.3f %12s%n",
        name, overall, Double.isNaN(inBands) ? "" : "%.3f".formatted(inBands));
  }
}
