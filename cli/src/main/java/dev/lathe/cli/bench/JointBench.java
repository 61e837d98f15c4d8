package dev.lathe.cli.bench;

import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench joint}: are precisions better searched together with the architecture? */
@Command(
    name = "joint",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a supernet and searches it three times with the same number of evaluations:"
          + " architectures together with a precision for each layer, architectures in float32,"
          + " architectures in int8. Each candidate is quantized, judged on validation images and"
          + " measured on this machine.",
      "Finished work is kept in a folder: the same command goes on after a kill.",
      "Example: ./lathe bench joint --data builtin --evaluations 150 --json out.json"
    })
final class JointBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--data", defaultValue = "builtin", description = "Images (${DEFAULT-VALUE}).")
  private String data;

  @Option(names = "--space", description = "YAML file or built-in name (by the images' size).")
  private Optional<String> space = Optional.empty();

  @Option(
      names = "--algorithm",
      defaultValue = "predictor",
      description = "The search method, as for bench search (${DEFAULT-VALUE}).")
  private String algorithm;

  @Option(
      names = "--steps",
      defaultValue = "600",
      description = "Training steps of the supernet (${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--evaluations",
      defaultValue = "150",
      description = "Of each search (${DEFAULT-VALUE}).")
  private int evaluations;

  @Option(names = "--batch", defaultValue = "64", description = "Images a step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--workers", description = "Threads that share the work (one a processor).")
  private Optional<Integer> workers = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "Seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--state", description = "Folder of finished work (beside the JSON file).")
  private Optional<Path> state = Optional.empty();

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  /** All figures. */
  record Figures(JointComparison.Settings settings, List<JointComparison.Found> searches) {}

  @Override
  public Integer call() throws IOException {
    if (steps < 10 || evaluations < 10) {
      throw new ParameterException(
          spec.commandLine(),
          "--steps is %d and --evaluations %d; both must be >= 10.".formatted(steps, evaluations));
    }
    try {
      SearchMethod.named(algorithm);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task =
        ImageTask.load(data, space, seed, (fraction, message) -> line.show("data", 0, message));
    try (Workers shared = workers.map(Workers::new).orElseGet(Workers::ofProcessors);
        LocalDevice device = LocalDevice.start()) {
      var settings =
          new JointComparison.Settings(
              task.data().sha256(),
              task.space().spec().toString(),
              seed,
              algorithm,
              steps,
              batch,
              evaluations,
              shared.count());
      List<JointComparison.Found> found =
          new JointComparison(
                  settings,
                  task,
                  Kept.in(Kept.folder(state, json), settings),
                  shared,
                  (fraction, message) -> line.show("joint", fraction, message))
              .run(device);
      line.end();
      print(spec.commandLine().getOut(), found);
      if (json.isPresent()) {
        JsonFile.write(json.get(), new Figures(settings, found));
      }
    }
    return 0;
  }

  private static void print(PrintWriter out, List<JointComparison.Found> searches) {
    for (JointComparison.Found found : searches) {
      out.printf(
          "%-28s hypervolume share %.4f, front of %d%s%n",
          found.searched(),
          found.hypervolume(),
          found.front().size(),
          found.failed() > 0 ? ", %d not measured".formatted(found.failed()) : "");
    }
    for (JointComparison.Member member : searches.getFirst().front()) {
      out.printf(
          "  %.2f %%  %.4f ms  %.0f bytes, %d of %d layers int8%n",
          100 * member.accuracy(),
          member.millis(),
          member.bytes(),
          member.architecture().values().stream().filter("int8"::equals).count(),
          member.architecture().keySet().stream().filter(k -> k.endsWith(".precision")).count());
    }
    out.flush();
  }
}
