package dev.lathe.runs.stages;

import dev.lathe.compress.Calibrator;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.graph.Subnet;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.EnumMap;
import java.util.Map;

/**
 * Makes the files that are measured to calibrate a predictor. Weights do not matter for latency, so
 * fresh ones are used; nor do the ranges of quantization: which nodes become integer does not
 * change.
 */
final class CalibrationFiles implements AutoCloseable {
  private static final int IMAGES = 8;

  private static final Int8Options QUICK =
      Int8Options.DEFAULT
          .withCalibrator(new Calibrator.MinMax())
          .withEqualize(false)
          .withCorrectBias(false)
          .withImages(IMAGES);

  private final Run run;
  private final WeightStore store;
  private final Evaluator evaluator;

  CalibrationFiles(Run run) {
    this.run = run;
    this.store = WeightStore.initialised(run.space().specs(), run.streams().at("calibration", 0));
    this.evaluator =
        new Evaluator(
            run.data().train(),
            IMAGES,
            run.data().validation(),
            run.data().normalization(),
            run.data().classes().size(),
            run.streams(),
            run.workers());
  }

  /** An ONNX file and the features of its graph. */
  record Made(byte[] file, FeatureVector features) {}

  /** A network at each precision. */
  Map<Precision, Made> of(Architecture architecture, int number) {
    Subnet network = run.space().subnet(architecture);
    OnnxGraph real = network.export(store::values, evaluator.statistics(store, network));
    Map<Precision, Made> made = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      OnnxGraph onnx =
          switch (precision) {
            case FLOAT32 -> real;
            case INT8 -> quantized(real, run.space().subnet(architecture).inputSize(2));
          };
      made.put(precision, new Made(onnx.toBytes(), GraphFeatures.of(onnx, 1)));
    }
    return made;
  }

  private OnnxGraph quantized(OnnxGraph real, int side) {
    return Int8Quantization.quantize(
            real, new TrainingImages(run.data(), run.streams(), IMAGES, side), QUICK)
        .model();
  }

  @Override
  public void close() {
    evaluator.close();
    store.close();
  }
}
