package dev.lathe.runs.stages;

import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Transfer;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.stages.Calibrating.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a run meets a device that is new for its space: what other devices' predictors, as they
 * were when the run began, let expect of it.
 */
final class Transfers {
  private static final String SOURCES = "calibration.sources";
  private static final int MOST_SOURCES = 4;

  /** Where nothing is transferred. */
  static final Transfers NONE = new Transfers(Map.of());

  private final Map<Place, Transfer> all;

  private Transfers(Map<Place, Transfer> all) {
    this.all = all;
  }

  /** A fact: the predictors of other devices for a form on a device. */
  record Known(String device, String form, List<PredictorRecord> sources) {}

  /**
   * Those of a run: none where a number of networks is asked for, or where more than latencies are
   * predicted on a device.
   */
  static Transfers of(Run run, List<String> devices) {
    if (run.request().settings().containsKey("calibrationNetworks")) {
      return NONE;
    }
    Map<Place, Transfer> all = new LinkedHashMap<>();
    for (Known known : run.facts().once(SOURCES, Known[].class, () -> known(run, devices))) {
      all.put(
          new Place(known.device(), new Form(known.form())),
          new Transfer(
              known.sources().stream()
                  .map(
                      record ->
                          new Transfer.Source(
                              record.device(), GraphLatencyPredictor.fromJson(record.json())))
                  .toList()));
    }
    return new Transfers(all);
  }

  private static Known[] known(Run run, List<String> devices) {
    List<PredictorRecord> ofSpace = run.store().predictorsOf(run.spaceKey());
    List<Known> all = new ArrayList<>();
    for (String device : devices) {
      for (Form form : run.forms().active()) {
        List<PredictorRecord> ofForm =
            ofSpace.stream()
                .filter(record -> record.precision().equals(form.name()))
                .filter(record -> record.metric().equals(Quantity.LATENCY.symbol()))
                .toList();
        boolean isNew = ofForm.stream().noneMatch(record -> record.device().equals(device));
        // What was itself transferred is no source: errors would add up.
        List<PredictorRecord> sources =
            ofForm.stream()
                .filter(record -> record.samples() >= GraphLatencyPredictor.LEAST_SAMPLES)
                .limit(MOST_SOURCES)
                .toList();
        if (isNew && !sources.isEmpty() && run.problem().quantities(device).size() == 1) {
          all.add(new Known(device, form.name(), sources));
        }
      }
    }
    return all.toArray(Known[]::new);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  Optional<Transfer> to(Place place) {
    return Optional.ofNullable(all.get(place));
  }
}
