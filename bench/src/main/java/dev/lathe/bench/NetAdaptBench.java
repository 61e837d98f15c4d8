package dev.lathe.bench;

import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingRun;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.netadapt.NetAdapt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench netadapt}: the largest network of a space, shrunk step by step. */
@Command(
    name = "netadapt",
    mixinStandardHelpOptions = true,
    description = {
      "Calibrates a latency predictor on this machine, trains the largest network of the space, and"
          + " shrinks it step by step (NetAdapt); fine-tunes the networks of the sequence alike and"
          + " measures them together.",
      "Finished work is kept in a folder: the same command goes on after a kill, and measures"
          + " anew.",
      "Example: ./lathe bench netadapt --data builtin --target 0.5 --json out.json"
    })
final class NetAdaptBench implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TaskOptions options = new TaskOptions();

  @Option(
      names = "--target",
      defaultValue = "0.5",
      description = "Latency to reach, as a share of the first network's (${DEFAULT-VALUE}).")
  private double target;

  @Option(
      names = "--reduction",
      defaultValue = "0.1",
      description = "Of the first step, as a share of the first latency (${DEFAULT-VALUE}).")
  private double reduction;

  @Option(
      names = "--decay",
      defaultValue = "0.96",
      description = "Factor by which the reduction shrinks with each step (${DEFAULT-VALUE}).")
  private double decay;

  @Option(
      names = "--steps",
      defaultValue = "600",
      description = "Training steps of the first network (${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--short-steps",
      defaultValue = "20",
      description = "Training steps of each proposal (${DEFAULT-VALUE}).")
  private long shortSteps;

  @Option(
      names = "--fine-tune-steps",
      defaultValue = "200",
      description = "Training steps of each network of the sequence (${DEFAULT-VALUE}).")
  private long fineTuneSteps;

  @Option(
      names = "--networks",
      defaultValue = "40",
      description = "Networks measured for the predictor (${DEFAULT-VALUE}).")
  private int networks;

  /** What the results depend on. */
  record Settings(
      String data,
      String space,
      long seed,
      double target,
      double reduction,
      double decay,
      long steps,
      long shortSteps,
      long fineTuneSteps,
      int networks,
      int batch,
      int workers) {}

  /** A network of the sequence; a latency that could not be measured is NaN. */
  record Row(NetAdapt.Step step, double measuredMillis, Finished network) {}

  /** All figures. */
  record Figures(List<Row> sequence, CalibrationReport predictor) {}

  @Override
  public Integer call() throws IOException {
    if (!(target > 0 && target < 1)) {
      throw new ParameterException(
          spec.commandLine(), "--target is %s, must lie in (0, 1).".formatted(target));
    }
    ProgressLine line = ProgressLine.onStandardError();
    ImageTask task = options.load(line);
    try (Workers shared = options.workers();
        LocalDevice local = LocalDevice.start()) {
      Settings settings =
          new Settings(
              task.data().sha256(),
              task.spec().toString(),
              options.seed(),
              target,
              reduction,
              decay,
              steps,
              shortSteps,
              fineTuneSteps,
              networks,
              options.batch(),
              shared.count());
      Figures figures =
          run(
              task,
              options.kept(settings),
              shared,
              local,
              (fraction, message) -> line.show("netadapt", fraction, message));
      line.end();
      print(spec.commandLine().getOut(), figures);
      options.write(figures);
    }
    return 0;
  }

  private TrainingSettings training(DataSet images, long count) {
    return TrainingSettings.of(count, Augmentation.of(images)).withBatch(options.batch());
  }

  private Figures run(
      ImageTask task, Kept kept, Workers shared, LocalDevice local, Progress progress)
      throws IOException {
    RandomStreams streams = new RandomStreams(options.seed());
    NetworkSpace searched = task.space();
    CalibratedDevice device =
        CalibratedDevice.of(local, searched, task.data(), networks, streams, kept, progress);
    ToDoubleFunction<Architecture> latency = device.latency(searched);
    Architecture first = searched.largest();
    List<NetAdapt.Step> sequence;
    try (WeightStore store = WeightStore.initialised(searched.specs(), streams.at("weights", 0))) {
      train(task, first, store, kept, shared, streams, progress);
      NetAdapt method =
          new NetAdapt(
              searched,
              latency,
              reduction,
              decay,
              training(task.data(), shortSteps).withPeakLearningRate(0.05));
      sequence =
          method.run(
              first,
              store,
              target * latency.applyAsDouble(first),
              task.data(),
              streams,
              shared,
              kept.file("sequence"),
              progress);
      List<Finished> finished = new ArrayList<>();
      for (int i = 0; i < sequence.size(); i++) {
        finished.add(finished(i, sequence.get(i), task, store, kept, shared, streams, progress));
      }
      return new Figures(measured(sequence, finished, kept, local), device.report());
    }
  }

  private void train(
      ImageTask task,
      Architecture first,
      WeightStore store,
      Kept kept,
      Workers shared,
      RandomStreams streams,
      Progress progress)
      throws IOException {
    try (Trainer trainer =
        new Trainer(
            store,
            task.data().train(),
            task.data().normalization(),
            training(task.data(), steps),
            Curriculum.only(task.space().subnet(first)),
            streams,
            "first",
            shared)) {
      TrainingRun.finish(
          trainer,
          kept.file("first.safetensors"),
          (fraction, message) -> progress.at(fraction, "the largest network: " + message));
    }
  }

  private Finished finished(
      int number,
      NetAdapt.Step step,
      ImageTask task,
      WeightStore store,
      Kept kept,
      Workers shared,
      RandomStreams streams,
      Progress progress)
      throws IOException {
    return kept.once(
        "network-" + number,
        Finished.class,
        () -> {
          progress.at(1, "fine-tuning network %d".formatted(number));
          store.load(Safetensors.read(NetAdapt.weights(kept.file("sequence"), number)).tensors());
          return Finished.of(
              task.space().subnet(task.space().parse(step.architecture())),
              store,
              fineTuneSteps,
              options.batch(),
              task.data(),
              streams,
              shared,
              kept.file("network-%d.onnx".formatted(number)));
        });
  }

  private static List<Row> measured(
      List<NetAdapt.Step> sequence, List<Finished> finished, Kept kept, LocalDevice local) {
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < sequence.size(); i++) {
      files.add(kept.file("network-%d.onnx".formatted(i)));
    }
    List<OptionalDouble> latencies = local.latencies(files);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < sequence.size(); i++) {
      rows.add(new Row(sequence.get(i), latencies.get(i).orElse(Double.NaN), finished.get(i)));
    }
    return rows;
  }

  private static void print(PrintWriter out, Figures figures) {
    out.printf(
        "%9s %9s %10s %8s %10s %8s  %s%n",
        "predicted", "measured", "MACs", "short", "validation", "test", "changed");
    for (Row row : figures.sequence()) {
      out.printf(
          "%9.4f %9.4f %10d %7.2f%% %9.2f%% %7.2f%%  %s%n",
          row.step().millis(),
          row.measuredMillis(),
          row.network().macs(),
          100 * row.step().accuracy(),
          100 * row.network().validation(),
          100 * row.network().test(),
          row.step().changed());
    }
    out.printf("predictor off by %.1f %% (held out)%n", 100 * figures.predictor().mape());
    out.flush();
  }
}
