package dev.lathe.bench.payoff;

import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.data.Accuracy;
import dev.lathe.data.Augmentation;
import dev.lathe.data.ClassBalance;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.RandomStreams;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Trains networks alone for a number of seconds each, and writes them in float32 and int8, as a
 * search trains and writes its baselines: the same recipe, the same images for batch norms and
 * activation ranges, the same accuracy.
 */
final class RivalTraining implements AutoCloseable {
  private static final int STATISTICS_IMAGES = 1536;
  private static final int QUANTIZATION_IMAGES = 256;
  private static final long LEAST_STEPS = 10;

  /** What writing and judging the files is expected to take of a network's time. */
  private static final double RESERVE_SHARE = 0.02;

  private static final double RESERVE_SECONDS = 3;
  private static final double LARGEST_RESERVE = 0.3;
  private static final double TELL_SECONDS = 0.5;

  private final DataSet data;
  private final boolean uneven;
  private final LabelledImages lessons;
  private final TrainingSettings recipe;
  private final RandomStreams streams;
  private final Workers workers;
  private final Evaluator validation;
  private final Evaluator test;

  RivalTraining(DataSet data, RandomStreams streams, Workers workers) {
    this.data = data;
    this.uneven = ClassBalance.uneven(data.train(), data.classes().size());
    this.lessons =
        uneven ? ClassBalance.balanced(data.train(), data.classes().size()) : data.train();
    this.recipe = recipe(data);
    this.streams = streams;
    this.workers = workers;
    this.validation = evaluator(STATISTICS_IMAGES, data.validation());
    this.test = evaluator(1, data.test());
  }

  /** The settings with which a search trains a network alone, but for the number of steps. */
  static TrainingSettings recipe(DataSet data) {
    return TrainingSettings.of(1, Augmentation.of(data))
        .withBatch(TrainingSettings.usualBatch(data.train().size()));
  }

  private Evaluator evaluator(int statisticsImages, LabelledImages images) {
    return new Evaluator(
        lessons,
        statisticsImages,
        images,
        data.normalization(),
        data.classes().size(),
        streams,
        workers);
  }

  /** Batch-norm statistics of a network with weights. */
  NormStatistics statistics(WeightStore store, Subnet network) {
    return validation.statistics(store, network);
  }

  /**
   * A network as it was trained.
   *
   * @param seconds in all: finding out how long a step takes, training, writing, judging
   */
  record Trained(
      String network,
      long steps,
      double secondsPerStep,
      double seconds,
      long macs,
      long parameters,
      List<Written> files) {}

  /**
   * A file in the folder of the rival.
   *
   * @param validationAccuracy top-1, balanced where classes are uneven; the same on test images
   */
  record Written(
      String form, String file, double validationAccuracy, double testAccuracy, long bytes) {}

  /**
   * Trains and writes.
   *
   * @param seconds for all of it; a machine that turns slower than it was found takes longer
   * @param folder for the files
   */
  Trained train(FixedNetwork network, double seconds, Path folder, Progress progress)
      throws IOException {
    long start = System.nanoTime();
    TrainingSettings settings =
        recipe.withBatch(
            TrainingSettings.usualBatch(data.train().size(), network.subnet().graph()));
    double secondsPerStep = secondsPerStep(network, settings);
    double reserve = Math.min(LARGEST_RESERVE * seconds, RESERVE_SECONDS + RESERVE_SHARE * seconds);
    long steps =
        Math.max(
            LEAST_STEPS, Math.round((seconds - reserve - secondsSince(start)) / secondsPerStep));
    try (WeightStore store =
        WeightStore.initialised(network.tensors(), streams.at(network.name(), 0))) {
      try (Trainer trainer = trainer(network, store, settings.withSteps(steps), network.name())) {
        double told = 0;
        while (!trainer.finished()) {
          double loss = trainer.advance();
          if (secondsSince(start) > told + TELL_SECONDS) {
            told = secondsSince(start);
            progress.at(
                (double) trainer.step() / steps,
                "%s: step %d of %d, loss %.3f"
                    .formatted(network.name(), trainer.step(), steps, loss));
          }
        }
      }
      OnnxGraph real = network.subnet().export(store::values, statistics(store, network.subnet()));
      CostReport cost = CostReport.of(real, 1);
      List<Written> files = write(network, real, folder);
      return new Trained(
          network.name(),
          steps,
          secondsPerStep,
          secondsSince(start),
          cost.macs(),
          cost.parameters(),
          files);
    }
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private double secondsPerStep(FixedNetwork network, TrainingSettings settings) {
    try (WeightStore store = WeightStore.initialised(network.tensors(), streams.at("probe", 0));
        Trainer trainer =
            trainer(
                network,
                store,
                settings.withSteps(2 * StepTime.MOST_STEPS).withPeakLearningRate(1e-4),
                "probe")) {
      // While Java still compiles, steps take longer: a rival would not get its time.
      double unused = StepTime.seconds(trainer, () -> {});
      return StepTime.seconds(trainer, () -> {});
    }
  }

  private Trainer trainer(
      FixedNetwork network, WeightStore store, TrainingSettings with, String stream) {
    return new Trainer(
        store,
        lessons,
        data.normalization(),
        with,
        Curriculum.only(network.subnet()),
        streams,
        stream,
        workers);
  }

  private List<Written> write(FixedNetwork network, OnnxGraph real, Path folder)
      throws IOException {
    int side = Evaluator.side(network.subnet());
    Map<String, byte[]> forms = new LinkedHashMap<>();
    forms.put("float32", real.toBytes());
    LabelledImages images = quantizationImages(side);
    forms.put(
        "int8",
        Int8Quantization.quantize(
                real,
                ImageFeed.normalised(images, data.normalization()),
                Int8Options.DEFAULT.withImages(images.size()))
            .model()
            .toBytes());
    List<Callable<Double>> judging = new ArrayList<>();
    for (byte[] file : forms.values()) {
      judging.add(() -> headline(validation.accuracy(file, side)));
      judging.add(() -> headline(test.accuracy(file, side)));
    }
    List<Double> accuracies = workers.run(judging);
    List<Written> written = new ArrayList<>();
    for (Map.Entry<String, byte[]> form : forms.entrySet()) {
      String name = "%s-%s.onnx".formatted(network.name(), form.getKey());
      Files.write(folder.resolve(name), form.getValue());
      int at = 2 * written.size();
      written.add(
          new Written(
              form.getKey(),
              name,
              accuracies.get(at),
              accuracies.get(at + 1),
              form.getValue().length));
    }
    return written;
  }

  private LabelledImages quantizationImages(int side) {
    LabelledImages train = data.train();
    int[] drawn =
        streams
            .at("quantization", 0)
            .ints(Math.min(QUANTIZATION_IMAGES, train.size()), 0, train.size())
            .toArray();
    return train.subset(drawn).resized(side, side);
  }

  private double headline(Accuracy accuracy) {
    return uneven ? accuracy.balanced() : accuracy.top1();
  }

  @Override
  public void close() {
    validation.close();
    test.close();
  }
}
