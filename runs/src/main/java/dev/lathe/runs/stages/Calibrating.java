package dev.lathe.runs.stages;

import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.DeviceSpeed;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.Reading;
import dev.lathe.latency.Sample;
import dev.lathe.latency.calibration.LearningCurve;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Measures networks of the space on the device and fits one latency predictor a precision. Weights
 * do not matter for latency, so fresh ones are used and this comes first.
 *
 * <p>The device is warmed up, then the precisions take turns, so that neither has the better part
 * of the time. Some networks are measured twice more (see {@link MeasurementSeries}); which ones
 * follows from the measurements on record, so that a resumed search asks for the same.
 */
final class Calibrating {
  private static final int WARM_UPS = 6;
  private static final int REPEATS = 2;

  private final Run run;

  Calibrating(Run run) {
    this.run = run;
  }

  /** The predictors of the search's device. */
  record Predictors(DevicePredictor float32, DevicePredictor int8) {}

  /** The networks at one precision. */
  private record Series(
      List<byte[]> files, MeasurementSeries readings, List<Measured> used, List<String> failures) {
    static Series empty() {
      return new Series(
          new ArrayList<>(),
          new MeasurementSeries(List.of()),
          new ArrayList<>(),
          new ArrayList<>());
    }

    List<Sample> samples() {
      return used.isEmpty() ? List.of() : readings.samples();
    }
  }

  /** The predictors that the run has, that it may take over, or that it calibrates now. */
  Predictors run() {
    List<PredictorRecord> known = run.store().predictors();
    if (!complete(known)) {
      if (!(run.settings().reusePredictors() && new Reusing(run).run())) {
        calibrate(new SpreadNetworks(run));
      }
      known = run.store().predictors();
    }
    return new Predictors(predictor(known, Precision.FLOAT32), predictor(known, Precision.INT8));
  }

  /** Calibrates, unless the run has its predictors. */
  void runInformative() {
    if (!complete(run.store().predictors())) {
      calibrate(new InformativeNetworks(run));
    }
  }

  private static boolean complete(List<PredictorRecord> known) {
    return known.stream().map(PredictorRecord::precision).toList().containsAll(Precision.labels());
  }

  private static DevicePredictor predictor(List<PredictorRecord> known, Precision precision) {
    return DevicePredictor.of(
        known.stream()
            .filter(record -> record.precision().equals(precision.label()))
            .findFirst()
            .orElseThrow());
  }

  private void calibrate(CalibrationPlan plan) {
    double start = run.clock().seconds();
    Map<Precision, Series> all = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      all.put(precision, Series.empty());
    }
    try (CalibrationFiles files = new CalibrationFiles(run)) {
      for (List<Architecture> next = plan.next(samples(all));
          !next.isEmpty();
          next = plan.next(samples(all))) {
        int from = all.get(Precision.FLOAT32).files().size();
        make(files, next, all, plan.most());
        measureOnce(all, from, plan.most());
        run.clock().save();
      }
    }
    run.clock().save(); // so that minutes once spent are spent after a restart, too
    measureAgain(all);
    double seconds = (run.clock().seconds() - start) / all.size();
    all.forEach((precision, series) -> fit(precision, series, plan, seconds));
  }

  private static Map<Precision, List<Sample>> samples(Map<Precision, Series> all) {
    Map<Precision, List<Sample>> samples = new EnumMap<>(Precision.class);
    all.forEach((precision, series) -> samples.put(precision, series.samples()));
    return samples;
  }

  private void make(
      CalibrationFiles files, List<Architecture> next, Map<Precision, Series> all, int most) {
    for (Architecture architecture : next) {
      run.control().checkpoint();
      int number = all.get(Precision.FLOAT32).files().size();
      files
          .of(architecture, number)
          .forEach(
              (precision, made) -> {
                all.get(precision).files().add(made.file());
                all.get(precision).readings().network(made.features());
              });
      run.progress(
          Stage.CALIBRATION,
          0.8 * number / most,
          "networks made: %d of %d".formatted(number + 1, most));
    }
  }

  /** One network of one precision, to be measured. */
  private record Turn(Series series, int network, MeasurementRequest request) {}

  private void measureOnce(Map<Precision, Series> all, int from, int most) {
    int networks = all.get(Precision.FLOAT32).files().size();
    List<Turn> warmUps = new ArrayList<>();
    List<Turn> once = new ArrayList<>();
    for (int i = from; i < networks; i++) {
      for (Precision precision : Precision.values()) {
        if (i < WARM_UPS / all.size()) {
          warmUps.add(turn(all, precision, i, "-warm-up"));
        }
        once.add(turn(all, precision, i, ""));
      }
    }
    double begun = 0.8 * from / most;
    if (!warmUps.isEmpty()) {
      measure(warmUps, "device warmed up", begun, 0.01);
    }
    keep(once, measure(once, "networks measured", begun, 0.8 * (networks - from) / most));
  }

  private void measureAgain(Map<Precision, Series> all) {
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
    keep(again, measure(again, "measured again", 0.8, 0.2));
  }

  private static Turn turn(
      Map<Precision, Series> all, Precision precision, int network, String suffix) {
    Series series = all.get(precision);
    return new Turn(
        series,
        network,
        new MeasurementRequest(
            "calibration-%s-%d%s".formatted(precision.label(), network, suffix),
            series.files().get(network),
            precision.label(),
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
    return Reading.of(
        measured.p50Millis(), measured.sentinelBeforeMillis(), measured.sentinelAfterMillis());
  }

  private void fit(Precision precision, Series series, CalibrationPlan plan, double seconds) {
    String device = run.measurements().device().name();
    List<Sample> samples = series.samples();
    if (samples.size() < GraphLatencyPredictor.LEAST_SAMPLES) {
      throw new MeasurementException(
          "only %d of %d %s networks could be measured on '%s', a predictor needs %d: %s"
              .formatted(
                  samples.size(),
                  series.files().size(),
                  precision.label(),
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
    LearningCurve curve = LearningCurve.of(samples, run.request().seed());
    OptionalInt more = curve.moreToHalve(samples.size());
    run.store()
        .predictor(
            new PredictorRecord(
                device,
                precision.label(),
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
                        series.used().stream().map(Measured::measurementId).toList(),
                        plan.stopped(),
                        curve.points(),
                        more,
                        more.orElse(0) * seconds / samples.size())),
                run.spaceKey()));
  }
}
