package dev.lathe.service.stages;

import dev.lathe.compress.Calibrator;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.DeviceSpeed;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.Reading;
import dev.lathe.latency.Sample;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.service.pipeline.MeasurementException;
import dev.lathe.service.pipeline.MeasurementOutcome;
import dev.lathe.service.pipeline.MeasurementOutcome.Measured;
import dev.lathe.service.pipeline.MeasurementRequest;
import dev.lathe.service.pipeline.PredictorRecord;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Subnet;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures networks of the space on the device and fits one latency predictor a precision. Weights
 * do not matter for latency, so fresh ones are used and this comes first.
 *
 * <p>The device is warmed up, then the precisions take turns, so that neither has the better part
 * of the time. Some networks are measured twice more (see {@link MeasurementSeries}); which ones
 * follows from the measurements on record, so that a resumed search asks for the same.
 */
final class Calibrating {
  private static final int IMAGES = 8;
  private static final int WARM_UPS = 6;
  private static final int REPEATS = 2;

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
  record Predictors(DevicePredictor float32, DevicePredictor int8) {}

  private enum Precision {
    FLOAT32("float32"),
    INT8("int8");

    private final String label;

    Precision(String label) {
      this.label = label;
    }
  }

  /** The networks at one precision. */
  private record Series(
      List<byte[]> files, MeasurementSeries readings, List<Measured> used, List<String> failures) {}

  Predictors run() {
    List<PredictorRecord> known = run.store().predictors();
    if (!known.stream().map(PredictorRecord::precision).toList().containsAll(labels())) {
      calibrate();
      known = run.store().predictors();
    }
    return new Predictors(
        predictor(known, Precision.FLOAT32.label), predictor(known, Precision.INT8.label));
  }

  private static List<String> labels() {
    return List.of(Precision.FLOAT32.label, Precision.INT8.label);
  }

  private static DevicePredictor predictor(List<PredictorRecord> known, String precision) {
    return DevicePredictor.of(
        known.stream()
            .filter(record -> record.precision().equals(precision))
            .findFirst()
            .orElseThrow());
  }

  private void calibrate() {
    double start = run.clock().seconds();
    Map<Precision, Series> all = networks();
    measure(all);
    double seconds = (run.clock().seconds() - start) / all.size();
    all.forEach((precision, series) -> fit(precision.label, series, seconds));
  }

  private Map<Precision, Series> networks() {
    List<Architecture> architectures =
        MacsSpread.draw(
            run.space(), run.settings().calibrationNetworks(), run.streams().at("calibration", 1));
    Map<Precision, List<byte[]>> files = new EnumMap<>(Precision.class);
    Map<Precision, List<FeatureVector>> features = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      files.put(precision, new ArrayList<>());
      features.put(precision, new ArrayList<>());
    }
    try (WeightStore store =
            WeightStore.initialised(run.space().tensors(), run.streams().at("calibration", 0));
        Evaluator evaluator = evaluator()) {
      for (int i = 0; i < architectures.size(); i++) {
        run.control().checkpoint();
        Architecture architecture = architectures.get(i);
        NetworkGraph network = run.space().network(architecture);
        OnnxGraph real =
            new Subnet(network, store, evaluator.statistics(store, network))
                .export("calibration-" + i);
        for (Precision precision : Precision.values()) {
          OnnxGraph onnx =
              switch (precision) {
                case FLOAT32 -> real;
                case INT8 -> quantized(real, run.space().resolution(architecture));
              };
          files.get(precision).add(onnx.toBytes());
          features.get(precision).add(GraphFeatures.of(onnx, 1));
        }
        run.progress(
            Stage.CALIBRATION,
            0.4 * i / architectures.size(),
            "networks made: %d of %d".formatted(i + 1, architectures.size()));
      }
    }
    Map<Precision, Series> all = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      all.put(
          precision,
          new Series(
              files.get(precision),
              new MeasurementSeries(features.get(precision)),
              new ArrayList<>(),
              new ArrayList<>()));
    }
    return all;
  }

  private OnnxGraph quantized(OnnxGraph real, int side) {
    return Int8Quantization.quantize(
            real, new TrainingImages(run.data(), run.streams(), IMAGES, side), QUICK)
        .model();
  }

  /** One network of one precision, to be measured. */
  private record Turn(Series series, int network, MeasurementRequest request) {}

  private void measure(Map<Precision, Series> all) {
    int networks = all.get(Precision.FLOAT32).files().size();
    List<Turn> warmUps = new ArrayList<>();
    List<Turn> once = new ArrayList<>();
    for (int i = 0; i < networks; i++) {
      for (Precision precision : Precision.values()) {
        if (i < WARM_UPS / all.size()) {
          warmUps.add(turn(all, precision, i, "-warm-up"));
        }
        once.add(turn(all, precision, i, ""));
      }
    }
    measure(warmUps, "device warmed up", 0.4, 0.02);
    keep(once, measure(once, "networks measured", 0.42, 0.35));

    List<Turn> again = new ArrayList<>();
    Map<Precision, List<Integer>> chosen = new EnumMap<>(Precision.class);
    all.forEach(
        (precision, series) ->
            chosen.put(
                precision,
                series.used().isEmpty()
                    ? List.of()
                    : series.readings().again(run.request().seed())));
    int most = chosen.values().stream().mapToInt(List::size).max().orElse(0);
    for (int repeat = 1; repeat <= REPEATS; repeat++) {
      for (int i = 0; i < most; i++) {
        for (Precision precision : Precision.values()) {
          List<Integer> list = chosen.get(precision);
          if (i < list.size()) {
            again.add(turn(all, precision, list.get(i), "-again-" + repeat));
          }
        }
      }
    }
    keep(again, measure(again, "measured again", 0.77, 0.2));
  }

  private static Turn turn(
      Map<Precision, Series> all, Precision precision, int network, String suffix) {
    Series series = all.get(precision);
    return new Turn(
        series,
        network,
        new MeasurementRequest(
            "calibration-%s-%d%s".formatted(precision.label, network, suffix),
            series.files().get(network),
            precision.label,
            "quick"));
  }

  private List<MeasurementOutcome> measure(
      List<Turn> turns, String what, double from, double share) {
    return run.measurements()
        .measure(
            turns.stream().map(Turn::request).toList(),
            (done, of) ->
                run.progress(
                    Stage.CALIBRATION,
                    from + share * done / Math.max(1, of),
                    "%s: %d of %d".formatted(what, done, of)));
  }

  private static void keep(List<Turn> turns, List<MeasurementOutcome> outcomes) {
    for (int i = 0; i < turns.size(); i++) {
      Series series = turns.get(i).series();
      switch (outcomes.get(i)) {
        case Measured measured -> {
          series.readings().add(turns.get(i).network(), reading(measured));
          series.used().add(measured);
        }
        case MeasurementOutcome.Failed failed -> series.failures().add(failed.toString());
      }
    }
  }

  static Reading reading(Measured measured) {
    return new Reading(
        measured.p50Millis(), measured.sentinelBeforeMillis(), measured.sentinelAfterMillis());
  }

  private void fit(String precision, Series series, double seconds) {
    String device = run.measurements().device().name();
    List<Sample> samples = series.used().isEmpty() ? List.of() : series.readings().samples();
    if (samples.size() < GraphLatencyPredictor.LEAST_SAMPLES) {
      throw new MeasurementException(
          "only %d of %d %s networks could be measured on '%s', a predictor needs %d: %s"
              .formatted(
                  samples.size(),
                  series.files().size(),
                  precision,
                  device,
                  GraphLatencyPredictor.LEAST_SAMPLES,
                  series.failures().isEmpty()
                      ? "settings.calibrationNetworks is too small."
                      : series.failures().getFirst()));
    }
    Calibration calibration = GraphLatencyPredictor.calibrate(samples, run.request().seed());
    CalibrationReport report = calibration.report();
    DeviceSpeed speed = series.readings().speed();
    Optional<MeasurementSeries.Repeatability> repeatability = series.readings().repeatability();
    run.store()
        .predictor(
            new PredictorRecord(
                device,
                precision,
                report.kind(),
                report.samples(),
                report.heldOut(),
                report.spearman(),
                report.mape(),
                report.within10(),
                report.coverage90(),
                seconds,
                calibration.predictor().toJson(),
                Facts.write(
                    new Provenance(
                        series.used().getFirst().runtime(),
                        speed.referenceMillis(),
                        speed.exponent(),
                        speed.drift(),
                        repeatability.map(r -> r.medianDifference()).orElse(0.0),
                        repeatability.map(r -> r.within10()).orElse(1.0),
                        report.medianWidth(),
                        series.used().stream().map(Measured::measurementId).toList()))));
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
}
