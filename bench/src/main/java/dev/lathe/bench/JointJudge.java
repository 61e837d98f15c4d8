package dev.lathe.bench;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.data.DataSet;
import dev.lathe.evolution.Evaluation;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.policy.PrecisionSpace;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;

/**
 * What an architecture with a precision for each layer is worth: the network with the supernet's
 * weights is quantized as its genes say; that file is judged on validation images and measured.
 */
final class JointJudge implements AutoCloseable {
  static final String ACCURACY = "accuracy";
  static final String MILLIS = "millis";
  static final String BYTES = "bytes";

  private static final int CALIBRATION_IMAGES = 64;

  private final PrecisionSpace space;
  private final WeightStore store;
  private final LocalDevice device;
  private final Workers workers;
  private final Evaluator evaluator;
  private final CalibrationData calibration;
  private final Kept kept;

  JointJudge(
      PrecisionSpace space,
      WeightStore store,
      DataSet data,
      LocalDevice device,
      RandomStreams streams,
      Workers workers,
      Kept kept) {
    this.space = space;
    this.store = store;
    this.device = device;
    this.workers = workers;
    this.kept = kept;
    this.evaluator = Finished.evaluator(data, data.validation(), streams, workers);
    int count = Math.min(CALIBRATION_IMAGES, data.train().size());
    this.calibration =
        ImageFeed.normalised(
            data.train().subset(IntStream.range(0, count).toArray()), data.normalization());
  }

  private record Judged(Path file, long bytes, double accuracy) {}

  /** Accuracy in [0, 1], measured milliseconds and bytes of each; failed where one has none. */
  List<Evaluation> judge(List<Architecture> architectures) {
    List<Callable<Judged>> tasks = new ArrayList<>();
    for (int i = 0; i < architectures.size(); i++) {
      Architecture architecture = architectures.get(i);
      Path file = kept.file("candidate-%d.onnx".formatted(i));
      tasks.add(() -> judged(architecture, file));
    }
    List<Judged> judged = workers.run(tasks);
    List<OptionalDouble> millis = device.latencies(judged.stream().map(Judged::file).toList());
    List<Evaluation> evaluations = new ArrayList<>();
    for (int i = 0; i < architectures.size(); i++) {
      Judged one = judged.get(i);
      evaluations.add(
          millis.get(i).isEmpty()
              ? Evaluation.failed(architectures.get(i), "its latency could not be measured")
              : Evaluation.of(
                  architectures.get(i),
                  Map.of(
                      ACCURACY,
                      one.accuracy(),
                      MILLIS,
                      millis.get(i).getAsDouble(),
                      BYTES,
                      (double) one.bytes())));
    }
    return evaluations;
  }

  private Judged judged(Architecture architecture, Path file) {
    Subnet network = space.subnet(architecture);
    OnnxGraph model = network.export(store::values, evaluator.statistics(store, network));
    Set<String> floats = space.floatLayers(architecture);
    if (floats.size() < space.layers(architecture)) {
      model =
          Int8Quantization.quantize(
                  model,
                  calibration,
                  Int8Options.DEFAULT.withImages(CALIBRATION_IMAGES).withFloatNodes(floats))
              .model();
    }
    model.write(file);
    byte[] bytes = model.toBytes();
    return new Judged(
        file, bytes.length, evaluator.accuracy(bytes, Evaluator.side(network)).top1());
  }

  @Override
  public void close() {
    evaluator.close();
  }
}
