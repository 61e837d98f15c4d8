package dev.lathe.bench;

import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileNetV2;
import dev.lathe.space.mobile.ResNet;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.StepTime;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Networks that are trained alone by the recipe of the search's members, and written in float32 and
 * int8 with the same care.
 */
final class PayoffRivals {
  static final String RANDOM = "random";

  private static final long SEED = 1;
  private static final int QUANTIZATION_IMAGES = 256;
  private static final double[] WIDTHS = {0.25, 0.5, 1, 0.75, 1.5, 0.35, 2, 1.25};
  private static final int[][] RESIDUAL = {{16, 1}, {8, 1}, {16, 3}, {24, 1}, {32, 1}, {8, 3}};

  private final ImageTask task;
  private final int batch;
  private final Workers workers;
  private final Kept kept;
  private final RandomStreams streams = new RandomStreams(SEED);

  PayoffRivals(ImageTask task, int batch, Workers workers, Kept kept) {
    this.task = task;
    this.batch = batch;
    this.workers = workers;
    this.kept = kept;
  }

  /** A network before it is trained. */
  record Network(String name, Subnet subnet, Map<String, TensorSpec> tensors) {}

  /** Networks of one kind. */
  record Kind(String name, List<Network> networks) {
    Kind {
      networks = List.copyOf(networks);
    }
  }

  /** The kinds, each of so many networks, which are fixed before anything is measured. */
  List<Kind> kinds(int points) {
    int channels = task.data().shape().channels();
    int side = task.data().shape().height();
    int classes = task.data().classes().size();
    List<Network> mobile = new ArrayList<>();
    List<Network> residual = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      // Beyond the usual ones, others between and above them.
      double width = i < WIDTHS.length ? WIDTHS[i] : WIDTHS[WIDTHS.length - 1] + i * 0.1;
      MobileNetV2 one = new MobileNetV2(width, channels, side, classes);
      mobile.add(new Network(one.name(), one.subnet(), one.specs()));
      int[] shape = i < RESIDUAL.length ? RESIDUAL[i] : new int[] {16 + 8 * (i % 4), 1 + i % 3};
      ResNet other = new ResNet(shape[0], shape[1], channels, side, classes);
      residual.add(new Network(other.name(), other.subnet(), other.specs()));
    }
    List<Network> random = new ArrayList<>();
    List<Architecture> drawn =
        MacsSpread.draw(task.space(), Math.max(2, points), streams.at("payoff", 0));
    for (int i = 0; i < points; i++) {
      random.add(
          new Network(
              "random-" + (i + 1), task.space().subnet(drawn.get(i)), task.space().specs()));
    }
    return List.of(
        new Kind("mobilenetv2", mobile), new Kind("resnet", residual), new Kind(RANDOM, random));
  }

  /** Trains and writes all networks of a kind, each for so many seconds; those kept are not. */
  PayoffBench.Phase train(Kind kind, double seconds, ProgressLine line) throws IOException {
    List<PayoffBench.Made> files = new ArrayList<>();
    double sum = 0;
    for (Network network : kind.networks()) {
      PayoffBench.Phase one =
          kept.once(
              kind.name() + "-" + network.name(),
              PayoffBench.Phase.class,
              () -> train(network, seconds, line));
      files.addAll(one.files());
      sum += one.seconds();
    }
    return new PayoffBench.Phase(files, sum);
  }

  private PayoffBench.Phase train(Network network, double seconds, ProgressLine line)
      throws IOException {
    long start = System.nanoTime();
    DataSet data = task.data();
    TrainingSettings settings = TrainingSettings.of(1, Augmentation.of(data)).withBatch(batch);
    double each;
    try (WeightStore store = weights(network);
        Trainer probe = trainer(network, store, settings.withSteps(StepTime.MOST_STEPS))) {
      each = StepTime.seconds(probe, () -> {});
    }
    long steps = Math.max(10, Math.round((seconds - since(start)) / each));
    try (WeightStore store = weights(network)) {
      try (Trainer trainer = trainer(network, store, settings.withSteps(steps))) {
        while (!trainer.finished()) {
          trainer.advance();
          line.show(
              network.name(),
              (double) trainer.step() / steps,
              "step %d of %d".formatted(trainer.step(), steps));
        }
      }
      return new PayoffBench.Phase(write(network, store), since(start));
    }
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private WeightStore weights(Network network) {
    return WeightStore.initialised(network.tensors(), streams.at(network.name(), 0));
  }

  private Trainer trainer(Network network, WeightStore store, TrainingSettings settings) {
    return new Trainer(
        store,
        task.data().train(),
        task.data().normalization(),
        settings,
        Curriculum.only(network.subnet()),
        streams,
        network.name(),
        workers);
  }

  private List<PayoffBench.Made> write(Network network, WeightStore store) throws IOException {
    DataSet data = task.data();
    int side = Evaluator.side(network.subnet());
    List<PayoffBench.Made> made = new ArrayList<>();
    try (Evaluator test = Finished.evaluator(data, data.test(), streams, workers)) {
      OnnxGraph real =
          network.subnet().export(store::values, test.statistics(store, network.subnet()));
      int[] drawn =
          streams
              .at("quantization", 0)
              .ints(Math.min(QUANTIZATION_IMAGES, data.train().size()), 0, data.train().size())
              .toArray();
      LabelledImages images = data.train().subset(drawn).resized(side, side);
      OnnxGraph whole =
          Int8Quantization.quantize(
                  real,
                  ImageFeed.normalised(images, data.normalization()),
                  Int8Options.DEFAULT.withImages(images.size()))
              .model();
      for (Map.Entry<String, OnnxGraph> form :
          List.of(Map.entry("float32", real), Map.entry("int8", whole))) {
        byte[] bytes = form.getValue().toBytes();
        Path file = kept.file(network.name() + "-" + form.getKey() + ".onnx");
        Files.write(file, bytes);
        made.add(
            new PayoffBench.Made(
                network.name(),
                form.getKey(),
                test.accuracy(bytes, side).top1(),
                file.toString(),
                bytes.length));
      }
    }
    return made;
  }
}
