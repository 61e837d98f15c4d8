package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the files that are measured to calibrate a predictor. Weights do not matter for what they
 * cost, so fresh ones are used; nor do the ranges of quantization: which nodes become integer does
 * not change.
 */
final class CalibrationFiles implements AutoCloseable {
  private static final int IMAGES = 8;

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

  /** A network in each form. */
  Map<Form, Made> of(Architecture architecture, int number, List<Form> forms) {
    Subnet network = run.space().subnet(architecture);
    OnnxGraph real = network.export(store::values, evaluator.statistics(store, network));
    TrainingImages images =
        new TrainingImages(run.data(), run.streams(), IMAGES, network.inputSize(2));
    Map<Form, Made> made = new LinkedHashMap<>();
    for (Form form : forms) {
      OnnxGraph onnx = form.write(real, images, true);
      made.put(form, new Made(onnx.toBytes(), GraphFeatures.of(onnx, 1)));
    }
    return made;
  }

  @Override
  public void close() {
    evaluator.close();
    store.close();
  }
}
