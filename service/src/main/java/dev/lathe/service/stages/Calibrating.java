package dev.lathe.service.stages;

import dev.lathe.compress.Calibrator;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.OnnxExporter;
import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.service.pipeline.MeasurementException;
import dev.lathe.service.pipeline.MeasurementOutcome;
import dev.lathe.service.pipeline.MeasurementRequest;
import dev.lathe.service.pipeline.PredictorRecord;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Subnet;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Measures networks of the space on the device and fits one latency predictor a precision. Weights
 * do not matter for latency, so fresh ones are used and this comes first.
 */
final class Calibrating {
  private static final int IMAGES = 8;

  /** Ranges do not matter for latency either; which nodes become integer does not change. */
  private static final Int8Options QUICK =
      Int8Options.DEFAULT
          .withCalibrator(new Calibrator.MinMax())
          .withEqualize(false)
          .withCorrectBias(false)
          .withImages(IMAGES);

  private final Run run;

  Calibrating(Run run) {
    this.run = run;
  }

  /** The predictors of the search's device. */
  record Predictors(GraphLatencyPredictor float32, GraphLatencyPredictor int8) {}

  Predictors run() {
    List<PredictorRecord> known = run.store().predictors();
    return new Predictors(predictor(known, "float32"), predictor(known, "int8"));
  }

  private GraphLatencyPredictor predictor(List<PredictorRecord> known, String precision) {
    return known.stream()
        .filter(record -> record.precision().equals(precision))
        .findFirst()
        .map(record -> GraphLatencyPredictor.fromJson(record.json()))
        .orElseGet(() -> calibrate(precision));
  }

  private GraphLatencyPredictor calibrate(String precision) {
    double start = run.clock().seconds();
    List<Architecture> networks = networks();
    List<FeatureVector> features = new ArrayList<>();
    List<MeasurementRequest> requests = new ArrayList<>();
    double half = precision.equals("float32") ? 0 : 0.5;
    try (WeightStore store =
            WeightStore.initialised(run.space().tensors(), run.streams().at("calibration", 0));
        Evaluator evaluator = evaluator()) {
      List<NetworkGraph> graphs = networks.stream().map(run.space()::network).toList();
      for (int i = 0; i < graphs.size(); i++) {
        run.control().checkpoint();
        OnnxGraph onnx =
            new Subnet(graphs.get(i), store, evaluator.statistics(store, graphs.get(i)))
                .export("calibration-" + i);
        if (precision.equals("int8")) {
          onnx =
              Int8Quantization.quantize(
                      onnx,
                      new TrainingImages(run.data(), run.streams(), IMAGES, side(networks.get(i))),
                      QUICK)
                  .model();
        }
        features.add(GraphFeatures.of(onnx, 1));
        requests.add(
            new MeasurementRequest(
                "calibration-%s-%d".formatted(precision, i), onnx.toBytes(), precision, "quick"));
        run.progress(
            Stage.CALIBRATION,
            half + 0.25 * i / graphs.size(),
            "%s networks made: %d of %d".formatted(precision, i + 1, graphs.size()));
      }
    }
    List<MeasurementOutcome> outcomes =
        run.measurements()
            .measure(
                requests,
                (done, of) ->
                    run.progress(
                        Stage.CALIBRATION,
                        half + 0.25 + 0.25 * done / of,
                        "%s networks measured: %d of %d".formatted(precision, done, of)));
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof MeasurementOutcome.Measured measured) {
        samples.add(new Sample(features.get(i), measured.p50Millis()));
      }
    }
    if (samples.size() < GraphLatencyPredictor.LEAST_SAMPLES) {
      throw new MeasurementException(
          "only %d of %d %s networks could be measured on '%s', a predictor needs %d: %s"
              .formatted(
                  samples.size(),
                  outcomes.size(),
                  precision,
                  run.measurements().device().name(),
                  GraphLatencyPredictor.LEAST_SAMPLES,
                  outcomes.stream()
                      .filter(MeasurementOutcome.Failed.class::isInstance)
                      .findFirst()
                      .orElseThrow()));
    }
    Calibration calibration = GraphLatencyPredictor.calibrate(samples, run.request().seed());
    CalibrationReport report = calibration.report();
    run.store()
        .predictor(
            new PredictorRecord(
                run.measurements().device().name(),
                precision,
                report.kind(),
                report.samples(),
                report.heldOut(),
                report.spearman(),
                report.mape(),
                report.within10(),
                report.coverage90(),
                run.clock().seconds() - start,
                calibration.predictor().toJson()));
    return calibration.predictor();
  }

  private Evaluator evaluator() {
    return new Evaluator(
        run.data().train(),
        IMAGES,
        run.data().validation(),
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }

  private int side(Architecture architecture) {
    return run.space().resolution(architecture);
  }

  /** The smallest, the largest, and others spread evenly over the range of MACs. */
  private List<Architecture> networks() {
    int wanted = run.settings().calibrationNetworks();
    RandomGenerator random = run.streams().at("calibration", 1);
    Set<Architecture> drawn = new LinkedHashSet<>();
    for (int i = 0; i < 100 * wanted && drawn.size() < 6 * wanted; i++) {
      drawn.add(skewed(random));
    }
    record Cost(Architecture architecture, double logMacs) {}
    List<Cost> costs =
        new ArrayList<>(
            drawn.stream()
                .map(architecture -> new Cost(architecture, Math.log(macs(architecture))))
                .sorted(Comparator.comparingDouble(Cost::logMacs))
                .toList());
    Set<Architecture> chosen = new LinkedHashSet<>();
    chosen.add(run.space().smallest());
    chosen.add(run.space().largest());
    double least = costs.getFirst().logMacs();
    double most = costs.getLast().logMacs();
    for (int i = 0; chosen.size() < Math.min(wanted, drawn.size()) && !costs.isEmpty(); i++) {
      double target = least + (most - least) * ((i * 0.618034) % 1);
      Cost nearest =
          costs.stream()
              .min(Comparator.comparingDouble(cost -> Math.abs(cost.logMacs() - target)))
              .orElseThrow();
      costs.remove(nearest);
      chosen.add(nearest.architecture());
    }
    return List.copyOf(chosen);
  }

  /** A random architecture, often mixed with the smallest or largest, so that extremes occur. */
  private Architecture skewed(RandomGenerator random) {
    Architecture sample = run.space().sample(random);
    Architecture extreme = random.nextBoolean() ? run.space().smallest() : run.space().largest();
    double share = random.nextDouble();
    int[] choices = sample.toArray();
    for (int g = 0; g < choices.length; g++) {
      if (random.nextDouble() < share * share) {
        choices[g] = extreme.choice(g);
      }
    }
    return run.space().canonical(Architecture.of(choices));
  }

  private long macs(Architecture architecture) {
    return CostReport.of(OnnxExporter.outline(run.space().network(architecture), "outline"), 1)
        .macs();
  }
}
