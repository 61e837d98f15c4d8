package dev.lathe.bench;

import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  @Mixin private TaskOptions options = new TaskOptions();

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
    ImageTask task = options.load(line);
    try (Workers shared = options.workers();
        LocalDevice device = LocalDevice.start()) {
      var settings =
          new JointComparison.Settings(
              task.data().sha256(),
              task.spec().toString(),
              options.seed(),
              algorithm,
              steps,
              options.batch(),
              evaluations,
              shared.count());
      List<JointComparison.Found> found =
          new JointComparison(
                  settings,
                  task,
                  options.kept(settings),
                  shared,
                  (fraction, message) -> line.show("joint", fraction, message))
              .run(device);
      line.end();
      print(spec.commandLine().getOut(), found);
      options.write(new Figures(settings, found));
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
