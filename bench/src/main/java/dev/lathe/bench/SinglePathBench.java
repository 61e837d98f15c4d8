package dev.lathe.bench;

import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.singlepath.Superkernels;
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

/** {@code bench singlepath}: Single-Path NAS for latency targets, beside NSGA-II. */
@Command(
    name = "singlepath",
    mixinStandardHelpOptions = true,
    description = {
      "Calibrates a latency predictor on this machine, searches a network for each latency target"
          + " by gradient (Single-Path NAS) and, for the same processor time, by NSGA-II on a"
          + " supernet; fine-tunes all alike and measures them together.",
      "Finished work is kept in a folder: the same command goes on after a kill, and measures"
          + " anew.",
      "Example: ./lathe bench singlepath --data builtin --steps 600 --json out.json"
    })
final class SinglePathBench implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TaskOptions options = new TaskOptions();

  @Option(
      names = "--targets",
      split = ",",
      description =
          "Latencies in milliseconds (three between the fastest and the slowest network).")
  private List<Double> targets = List.of();

  @Option(
      names = "--steps",
      defaultValue = "600",
      description = "Training steps of each single-path search (${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--fine-tune-steps",
      defaultValue = "300",
      description = "Training steps of each network found (${DEFAULT-VALUE}).")
  private long fineTuneSteps;

  @Option(
      names = "--evaluations",
      defaultValue = "120",
      description = "Evaluations of NSGA-II (${DEFAULT-VALUE}).")
  private int evaluations;

  @Option(
      names = "--networks",
      defaultValue = "40",
      description = "Networks measured for the predictor (${DEFAULT-VALUE}).")
  private int networks;

  @Override
  public Integer call() throws IOException {
    if (steps < 10 || fineTuneSteps < 1 || evaluations < 20) {
      throw new ParameterException(
          spec.commandLine(),
          "--steps is %d, --fine-tune-steps %d and --evaluations %d; they must be >= 10, 1 and 20."
              .formatted(steps, fineTuneSteps, evaluations));
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task = options.load(line);
    MobileSpace searched =
        new MobileSpace(Superkernels.searchable(mobile(task)), task.data().classes().size());
    try (Workers shared = options.workers();
        LocalDevice device = LocalDevice.start()) {
      var settings =
          new SinglePathComparison.Settings(
              task.data().sha256(),
              searched.spec().toString(),
              options.seed(),
              targets,
              steps,
              fineTuneSteps,
              options.batch(),
              shared.count(),
              networks,
              evaluations,
              20,
              0.4,
              0.3,
              0.4);
      Kept kept = options.kept(settings);
      SinglePathComparison.Figures figures =
          new SinglePathComparison(
                  settings,
                  task,
                  searched,
                  kept,
                  shared,
                  (fraction, message) -> line.show("singlepath", fraction, message))
              .run(device);
      line.end();
      print(spec.commandLine().getOut(), figures);
      options.write(figures);
    }
    return 0;
  }

  private static void print(PrintWriter out, SinglePathComparison.Figures figures) {
    out.printf(
        "%-12s %9s %9s %9s %7s %10s %10s %9s%n",
        "method", "target", "predicted", "measured", "off", "MACs", "validation", "test");
    for (SinglePathComparison.Row row : figures.rows()) {
      out.printf(
          "%-12s %9.4f %9.4f %9.4f %+6.1f%% %10d %9.2f%% %8.2f%%%n",
          row.method(),
          row.targetMillis(),
          row.predictedMillis(),
          row.measuredMillis(),
          100 * (row.measuredMillis() / row.targetMillis() - 1),
          row.network().macs(),
          100 * row.network().validation(),
          100 * row.network().test());
    }
    out.printf(
        "processor seconds: single-path %.0f for all targets, NSGA-II %.0f (%d supernet steps);"
            + " predictor off by %.1f %% (held out), block table by %.1f %% of it%n",
        figures.singlePathSeconds(),
        figures.evolutionSeconds(),
        figures.supernetSteps(),
        100 * figures.predictor().mape(),
        100 * figures.tableError());
    out.flush();
  }

  private MobileSpec mobile(ImageTask task) {
    if (task.spec() instanceof MobileSpec mobile) {
      return mobile;
    }
    throw new ParameterException(
        spec.commandLine(),
        "space '%s' has no superkernels. Maybe a space of the mobile family."
            .formatted(task.spec().name()));
  }
}
