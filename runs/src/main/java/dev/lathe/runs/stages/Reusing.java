package dev.lathe.runs.stages;

import dev.lathe.latency.Reading;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
    Map<Slot, PredictorRecord> newest = new LinkedHashMap<>();
    List<String> devices = run.measurements().devices().stream().map(DeviceRecord::name).toList();
    for (String device : devices) {
      for (PredictorRecord record : run.store().predictorsOf(device, run.spaceKey())) {
        newest.putIfAbsent(Predictors.slot(record), record);
      }
    }
    List<Slot> wanted = Calibrating.wanted(run, devices);
    newest.keySet().retainAll(wanted);
    if (newest.size() < wanted.size() || !hold(newest)) {
      return false;
    }
    newest.values().forEach(run.store()::predictor);
    return true;
  }

  /** A network in a form, measured now on a device. */
  private record Check(Place place, CalibrationFiles.Made made, Measured measured) {}

  private boolean hold(Map<Slot, PredictorRecord> newest) {
    List<Check> checks = measure();
    for (Map.Entry<Slot, PredictorRecord> entry : newest.entrySet()) {
      Slot slot = entry.getKey();
      DevicePredictor predictor = DevicePredictor.of(entry.getValue());
      List<Reading> readings =
          checks.stream()
              .filter(check -> check.place.device().equals(slot.device()))
              .map(check -> Calibrating.reading(check.measured))
              .toList();
      List<Check> own =
          checks.stream()
              .filter(c -> c.place.equals(new Place(slot.device(), slot.form())))
              .toList();
      if (own.isEmpty()) {
        return false;
      }
      boolean time = slot.quantity().unit().equals("ms");
      double slowdown = time ? predictor.slowdown(readings) : 1;
      double drift = time ? predictor.sentinelDrift(readings) : 0;
      long inside =
          own.stream()
              .filter(
                  check ->
                      check.measured.value(slot.quantity()).isPresent()
                          && predictor
                              .predict(check.made.features())
                              .times(slowdown)
                              .contains(check.measured.value(slot.quantity()).getAsDouble()))
              .count();
      if (!own.getFirst().measured.runtime().equals(predictor.provenance().runtime())
          || Math.abs(drift) > MOST_DRIFT
          || inside < LEAST_INSIDE) {
        run.progress(
            Stage.CALIBRATION,
            0,
            "the known predictor of %s, %s does not hold (%d of %d networks in their intervals, sentinel %+.0f %%): calibrating"
                .formatted(slot.metric(), slot.form(), inside, own.size(), 100 * drift));
        return false;
      }
    }
    return true;
  }

  private List<Check> measure() {
    List<MeasurementRequest> requests = new ArrayList<>();
    List<Place> places = new ArrayList<>();
    List<CalibrationFiles.Made> files = new ArrayList<>();
    List<Architecture> networks =
        MacsSpread.skewed(run.space(), NETWORKS, run.streams().at("calibration", 1));
    try (CalibrationFiles maker = new CalibrationFiles(run)) {
      for (int i = 0; i < networks.size(); i++) {
        run.control().checkpoint();
        int number = i;
        maker
            .of(networks.get(i), i, run.forms().active())
            .forEach(
                (form, made) -> {
                  for (DeviceRecord device : run.measurements().devices()) {
                    places.add(new Place(device.name(), form));
                    files.add(made);
                    requests.add(
                        new MeasurementRequest(
                            "check-%s-%d".formatted(form, number),
                            device.name(),
                            made.file(),
                            form.name(),
                            "quick"));
                  }
                });
      }
    }
    List<MeasurementOutcome> outcomes = run.measurements().measure(requests);
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Measured measured) {
        checks.add(new Check(places.get(i), files.get(i), measured));
      }
    }
    return checks;
  }
}
