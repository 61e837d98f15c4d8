package dev.lathe.supernet;

import dev.lathe.data.Accuracy;
import dev.lathe.data.Batches;
import dev.lathe.data.ImageShape;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.program.NormEstimate;
import dev.lathe.supernet.program.Norms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Evaluates networks of a store: batch-norm statistics are re-estimated for each network on
 * training images; then the network is exported, and the evaluation images are answered by ONNX
 * Runtime, which is faster than libtorch at this and is what users will run. Holds the training
 * images as tensors: close it.
 */
public final class Evaluator implements AutoCloseable {
  private static final int CHUNK = 50;
  private static final int STATISTICS_BATCH = 128;

  private final Workers workers;
  private final int classes;
  private final List<Tensor> calibration = new ArrayList<>();
  private final LabelledImages all;
  private final Map<Integer, LabelledImages> sized = new ConcurrentHashMap<>();
  private final Normalization normalization;

  /**
   * A network's accuracy and the statistics under which it was reached.
   *
   * @param accuracy on the evaluation images
   */
  public record Evaluation(Accuracy accuracy, NormStatistics statistics) {}

  /**
   * An evaluator on the given images.
   *
   * @param statisticsFrom training images to draw from
   * @param statisticsImages how many are drawn for batch-norm statistics, at least 1
   * @param images evaluation images
   */
  public Evaluator(
      LabelledImages statisticsFrom,
      int statisticsImages,
      LabelledImages images,
      Normalization normalization,
      int classes,
      RandomStreams streams,
      Workers workers) {
    this.workers = workers;
    this.classes = classes;
    this.all = images;
    this.normalization = normalization;
    RandomGenerator random = streams.at("statistics", 0);
    for (int from = 0; from < statisticsImages; from += STATISTICS_BATCH) {
      int each = Math.min(STATISTICS_BATCH, statisticsImages - from);
      int[] drawn = random.ints(each, 0, statisticsFrom.size()).toArray();
      LabelledImages batch = statisticsFrom.subset(drawn);
      calibration.add(Inputs.of(Batches.of(batch, 0, each, normalization), each, images.shape()));
    }
  }

  /** Evaluates networks, several at a time; results in order. */
  public List<Evaluation> evaluate(WeightStore store, List<Subnet> subnets) {
    List<Callable<Evaluation>> tasks = new ArrayList<>();
    for (Subnet subnet : subnets) {
      tasks.add(
          () -> {
            NormStatistics statistics = statistics(store, subnet);
            OnnxGraph onnx = subnet.export(store::values, statistics);
            return new Evaluation(accuracy(onnx.toBytes(), side(subnet)), statistics);
          });
    }
    return workers.run(tasks);
  }

  /** Batch-norm statistics of one network, averaged over the calibration batches. */
  public NormStatistics statistics(WeightStore store, Subnet subnet) {
    try (Network network = Network.of(subnet);
        NormEstimate estimate = new NormEstimate();
        NoGradGuard _ = new NoGradGuard()) {
      Norms norms = new Norms.Estimated(estimate);
      for (Tensor batch : calibration) {
        estimate.nextBatch();
        try (PointerScope _ = new PointerScope()) {
          network.run(List.of(batch), store, norms);
        }
      }
      return estimate.statistics();
    }
  }

  /** The side of the images that a network takes, in pixels. */
  public static int side(Subnet subnet) {
    return subnet.inputSize(2);
  }

  /** The side of the images that a model of a fixed size takes, in pixels. */
  public static int side(OnnxGraph model) {
    return new Subnet(model, Map.of()).inputSize(2);
  }

  /**
   * The accuracy of an ONNX file on the evaluation images, computed on the caller's thread.
   *
   * @param side of the images that it takes, in pixels; others are resized
   */
  public Accuracy accuracy(byte[] onnx, int side) {
    Accuracy.Counter counter = new Accuracy.Counter(classes);
    answers(onnx, side, counter::add);
    return counter.accuracy();
  }

  /**
   * Whether an ONNX file is right on each evaluation image: 1 or 0, in their order; computed on the
   * caller's thread.
   *
   * @param side of the images that it takes, in pixels; others are resized
   */
  public double[] right(byte[] onnx, int side) {
    double[] right = new double[all.size()];
    answers(
        onnx,
        side,
        (logits, labels, from, to) -> {
          for (int i = from; i < to; i++) {
            int row = (i - from) * classes;
            float[] one = Arrays.copyOfRange(logits, row, row + classes);
            right[i] = Accuracy.of(one, classes, new int[] {labels[i]}).top1();
          }
        });
    return right;
  }

  /** Takes the logits of images {@code from} to {@code to − 1}, and the labels of all. */
  @FunctionalInterface
  private interface Answers {
    void take(float[] logits, int[] labels, int from, int to);
  }

  private void answers(byte[] onnx, int side, Answers answers) {
    LabelledImages images = sized.computeIfAbsent(side, pixels -> all.resized(pixels, pixels));
    ImageShape shape = images.shape();
    try (OrtModel model = OrtModel.open(onnx, OrtModel.Options.DEPLOYED)) {
      for (int from = 0; from < images.size(); from += CHUNK) {
        int to = Math.min(images.size(), from + CHUNK);
        float[] batch = Batches.of(images, from, to, normalization);
        float[] logits =
            model.run(batch, to - from, shape.channels(), shape.height(), shape.width());
        answers.take(logits, images.labels(), from, to);
      }
    }
  }

  @Override
  public void close() {
    calibration.forEach(Tensor::close);
  }
}
