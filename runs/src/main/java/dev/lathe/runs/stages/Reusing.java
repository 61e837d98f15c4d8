package dev.lathe.runs.stages;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.Reading;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes over the newest predictors of the device and the space, if they still hold: the runtime is
 * the same, the sentinel has not drifted by more than a tenth, and of a few networks measured now
 * most lie in their intervals. If any of it fails the run calibrates anew.
 */
final class Reusing {
  private static final int NETWORKS = 6;

  /** Of 6 networks in 90 % intervals, fewer are inside once in about 800 times. */
  private static final int LEAST_INSIDE = 3;

  private static final double MOST_DRIFT = 0.1;

  private final Run run;

  Reusing(Run run) {
    this.run = run;
  }

  /** Whether the run has its predictors now. */
  boolean run() {
    String device = run.measurements().device().name();
    List<PredictorRecord> known = run.store().predictorsOf(device, run.spaceKey());
    Map<Precision, PredictorRecord> newest = new EnumMap<>(Precision.class);
    for (Precision precision : Precision.values()) {
      known.stream()
          .filter(record -> record.precision().equals(precision.label()))
          .findFirst()
          .ifPresent(record -> newest.put(precision, record));
    }
    if (newest.size() < Precision.values().length || !hold(newest)) {
      return false;
    }
    newest.values().forEach(run.store()::predictor);
    return true;
  }

  /** A network at a precision, measured now. */
  private record Check(Precision precision, CalibrationFiles.Made made, Measured measured) {}

  private boolean hold(Map<Precision, PredictorRecord> newest) {
    List<Check> checks = measure();
    List<Reading> readings =
        checks.stream().map(check -> Calibrating.reading(check.measured)).toList();
    for (Map.Entry<Precision, PredictorRecord> entry : newest.entrySet()) {
      DevicePredictor predictor = DevicePredictor.of(entry.getValue());
      List<Check> own = checks.stream().filter(c -> c.precision == entry.getKey()).toList();
      if (own.isEmpty()) {
        return false;
      }
      Provenance made = predictor.provenance();
      double slowdown = predictor.slowdown(readings);
      double drift = predictor.sentinelDrift(readings);
      long inside =
          own.stream()
              .filter(
                  check -> {
                    Estimate estimate = predictor.predict(check.made.features()).times(slowdown);
                    return estimate.contains(check.measured.p50Millis());
                  })
              .count();
      if (!own.getFirst().measured.runtime().equals(made.runtime())
          || Math.abs(drift) > MOST_DRIFT
          || inside < LEAST_INSIDE) {
        run.progress(
            Stage.CALIBRATION,
            0.1,
            "the known %s predictor does not hold (%d of %d networks in their intervals, sentinel %+.0f %%): calibrating"
                .formatted(entry.getKey().label(), inside, own.size(), 100 * drift));
        return false;
      }
    }
    return true;
  }

  private List<Check> measure() {
    List<MeasurementRequest> requests = new ArrayList<>();
    List<Precision> precisions = new ArrayList<>();
    List<CalibrationFiles.Made> files = new ArrayList<>();
    List<Architecture> networks =
        MacsSpread.skewed(run.space(), NETWORKS, run.streams().at("calibration", 1));
    try (CalibrationFiles maker = new CalibrationFiles(run)) {
      for (int i = 0; i < networks.size(); i++) {
        run.control().checkpoint();
        for (Map.Entry<Precision, CalibrationFiles.Made> made :
            maker.of(networks.get(i), i).entrySet()) {
          precisions.add(made.getKey());
          files.add(made.getValue());
          requests.add(
              new MeasurementRequest(
                  "check-%s-%d".formatted(made.getKey().label(), i),
                  made.getValue().file(),
                  made.getKey().label(),
                  "quick"));
        }
      }
    }
    List<MeasurementOutcome> outcomes = run.measurements().measure(requests);
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Measured measured) {
        checks.add(new Check(precisions.get(i), files.get(i), measured));
      }
    }
    return checks;
  }
}
