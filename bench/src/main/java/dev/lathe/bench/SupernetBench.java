package dev.lathe.bench;

import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.compress.ResidentMemory;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.Augmentation;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.program.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench supernet}: how fast a supernet is trained. */
@Command(
    name = "supernet",
    mixinStandardHelpOptions = true,
    description = {
      "Times training steps of a supernet: four networks on each batch (the largest, two random"
          + " ones, the smallest), then one step of the optimizer.",
      "Example: ./lathe bench supernet --steps 200 --json out.json"
    })
final class SupernetBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--steps",
      defaultValue = "200",
      description = "Timed steps, after a third as many untimed ones (${DEFAULT-VALUE}).")
  private int steps;

  @Option(names = "--data", defaultValue = "builtin", description = "Images (${DEFAULT-VALUE}).")
  private String data;

  @Option(names = "--space", description = "YAML file or built-in name (by the images' size).")
  private Optional<String> space = Optional.empty();

  @Option(names = "--batch", defaultValue = "64", description = "Images a step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--workers", description = "Threads that share a batch (one a processor).")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--precision",
      description = "float32 or bfloat16, of products (what is quickest here).")
  private Optional<Precision> precision = Optional.empty();

  @Option(names = "--alone", description = "Train the largest network alone.")
  private boolean alone;

  @Option(names = "--seed", defaultValue = "1", description = "Seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  /**
   * The figures.
   *
   * @param imagesPerSecond images drawn; each is seen by all networks of a step
   * @param residentMegabytes held after the last step, natives included, in 10⁶ bytes
   */
  record Figures(
      double stepsPerSecond,
      double imagesPerSecond,
      double residentMegabytes,
      double peakMegabytes,
      int steps,
      int batch,
      int workers,
      String space) {}

  @Override
  public Integer call() throws IOException {
    if (steps < 1 || batch < 2) {
      throw new ParameterException(
          spec.commandLine(),
          "--steps is %d and --batch %d, they must be >= 1 and >= 2.".formatted(steps, batch));
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task =
        ImageTask.load(data, space, seed, (fraction, message) -> line.show("data", 0, message));
    RandomStreams streams = new RandomStreams(seed);
    int untimed = Math.max(1, steps / 3);
    TrainingSettings settings =
        TrainingSettings.of(steps + untimed, Augmentation.of(task.data())).withBatch(batch);
    Figures figures;
    try (Workers shared = workers.map(Workers::new).orElseGet(Workers::ofProcessors);
        WeightStore store =
            WeightStore.initialised(task.space().specs(), streams.at("weights", 0));
        Trainer trainer =
            new Trainer(
                store,
                task.data().train(),
                task.data().normalization(),
                settings,
                alone
                    ? Curriculum.only(task.space().subnet(task.space().largest()))
                    : Curriculum.sandwich(task.space(), streams, 2),
                streams,
                "bench",
                shared)) {
      precision.ifPresent(trainer::compute);
      long start = System.nanoTime();
      while (!trainer.finished()) {
        if (trainer.step() == untimed) {
          start = System.nanoTime();
        }
        trainer.advance();
        line.show("training", (double) trainer.step() / trainer.steps(), "step " + trainer.step());
      }
      double perSecond = steps / ((System.nanoTime() - start) / 1e9);
      figures =
          new Figures(
              perSecond,
              perSecond * batch,
              ResidentMemory.megabytes(),
              ResidentMemory.peakMegabytes(),
              steps,
              batch,
              shared.count(),
              task.space().name());
    }
    line.end();
    spec.commandLine()
        .getOut()
        .printf(
            "%s, batch %d, %d workers: %.2f steps/s, %.0f images/s, %.0f MB resident%n",
            figures.space(),
            batch,
            figures.workers(),
            figures.stepsPerSecond(),
            figures.imagesPerSecond(),
            figures.residentMegabytes());
    spec.commandLine().getOut().flush();
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
    return 0;
  }
}
