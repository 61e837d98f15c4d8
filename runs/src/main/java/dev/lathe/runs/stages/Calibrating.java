package dev.lathe.runs.stages;

import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.PredictorRefusedException;
import dev.lathe.latency.Reading;
import dev.lathe.latency.Sample;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures networks of the space on the devices and fits predictors, one a form and quantity.
 * Weights do not matter for what a network costs, so fresh ones are used and this comes first.
 *
 * <p>A device is warmed up, then the forms take turns, so that none has the better part of the
 * time; devices are measured beside each other. Some networks are measured twice more (see {@link
 * MeasurementSeries}); which ones follows from the measurements on record, so that a resumed search
 * asks for the same.
 */
final class Calibrating {
  private static final int WARM_UPS = 6;
  private static final int REPEATS = 2;

  /** In shorter runs the networks that are measured again are so once. */
  private static final double BRIEF_SECONDS = 150;

  /** Share of the work until every network was measured once. */
  private static final double ONCE = 0.8;

  /** Share of a batch until its files are made. */
  private static final double MAKING = 0.3;

  private final Run run;
  private final List<String> devices;

  Calibrating(Run run) {
    this.run = run;
    this.devices = run.measurements().devices().stream().map(DeviceRecord::name).toList();
  }

  /** Networks of one form on one device. */
  record Place(String device, Form form) {}

  /** The networks at one place. */
  record Series(
      List<byte[]> files,
      List<FeatureVector> features,
      MeasurementSeries readings,
      List<Integer> networks,
      List<Measured> used,
      List<String> failures) {
    static Series empty() {
      return new Series(
          new ArrayList<>(),
          new ArrayList<>(),
          new MeasurementSeries(List.of()),
          new ArrayList<>(),
          new ArrayList<>(),
          new ArrayList<>());
    }

    void add(byte[] file, FeatureVector of) {
      files.add(file);
      features.add(of);
      readings.network(of);
    }

    List<Sample> samples() {
      return used.isEmpty() ? List.of() : readings.samples();
    }
  }

  /** The predictors that the run has, that it may take over, or that it calibrates now. */
  Predictors run() {
    if (!complete(run.store().predictors())) {
      if (!(run.settings().reusePredictors() && new Reusing(run).run())) {
        Transfers transfers = Transfers.of(run, devices);
        calibrate(new SpreadNetworks(run, transfers), transfers);
      }
    }
    return Predictors.of(run.store().predictors());
  }

  /** Calibrates, unless the run has its predictors. */
  void runInformative() {
    if (!complete(run.store().predictors())) {
      calibrate(new InformativeNetworks(run), Transfers.NONE);
    }
  }

  private boolean complete(List<PredictorRecord> known) {
    return known.stream().map(Predictors::slot).toList().containsAll(wanted(run, devices));
  }

  /** The slots for which a run needs predictors, forms that were dropped left out. */
  static List<Slot> wanted(Run run, List<String> devices) {
    List<Slot> slots = new ArrayList<>();
    for (String device : devices) {
      for (Form form : run.forms().active()) {
        for (Quantity quantity : run.problem().quantities(device)) {
          slots.add(new Slot(device, form, quantity));
        }
      }
    }
    return slots;
  }

  private void calibrate(CalibrationPlan plan, Transfers transfers) {
    double start = run.clock().seconds();
    Map<Place, Series> all = new LinkedHashMap<>();
    for (String device : devices) {
      for (Form form : run.forms().active()) {
        all.put(new Place(device, form), Series.empty());
      }
    }
    try (CalibrationFiles files = new CalibrationFiles(run)) {
      for (List<Architecture> next = plan.next(samples(all));
          !next.isEmpty();
          next = plan.next(samples(all))) {
        int from = networks(all);
        make(files, next, all, plan.most());
        measureOnce(all, from, plan);
        run.clock().save();
      }
    }
    run.clock().save(); // so that minutes once spent are spent after a restart, too
    measureAgain(all);
    double seconds = (run.clock().seconds() - start) / all.size();
    all.forEach((place, series) -> fit(new Fitting(run, plan, transfers, seconds), place, series));
  }

  /** Without a predictor a form cannot be searched: the others go on without it. */
  private void fit(Fitting fitting, Place place, Series series) {
    try {
      fitting.fit(place, series);
    } catch (PredictorRefusedException | MeasurementException e) {
      boolean needed =
          run.calibratesOnly() || place.form().isFloat32() || run.forms().active().size() == 1;
      if (needed) {
        throw e;
      }
      run.forms().drop(Map.of(place.form().name(), String.valueOf(e.getMessage())));
    }
  }

  private static int networks(Map<Place, Series> all) {
    return all.values().iterator().next().files().size();
  }

  private static Map<Place, List<Sample>> samples(Map<Place, Series> all) {
    Map<Place, List<Sample>> samples = new LinkedHashMap<>();
    all.forEach((place, series) -> samples.put(place, series.samples()));
    return samples;
  }

  private void make(
      CalibrationFiles files, List<Architecture> next, Map<Place, Series> all, int most) {
    int from = networks(all);
    for (Architecture architecture : next) {
      run.control().checkpoint();
      int number = networks(all);
      Map<Form, CalibrationFiles.Made> made = files.of(architecture, number, run.forms().active());
      all.forEach(
          (place, series) -> {
            CalibrationFiles.Made one = made.get(place.form());
            series.add(one.file(), one.features());
          });
      run.progress(
          Stage.CALIBRATION,
          ONCE * (from + MAKING * (number - from)) / most,
          "networks made: %d of %d".formatted(number + 1, most));
    }
  }

  /** One network of one series, to be measured. */
  private record Turn(Series series, int network, MeasurementRequest request) {}

  private void measureOnce(Map<Place, Series> all, int from, CalibrationPlan plan) {
    int most = plan.most();
    int networks = networks(all);
    int forms = all.size() / devices.size();
    List<Turn> warmUps = new ArrayList<>();
    List<Turn> once = new ArrayList<>();
    for (int i = from; i < networks; i++) {
      for (Place place : all.keySet()) {
        if (!plan.measures(place)) {
          continue;
        }
        if (i < Math.max(1, WARM_UPS / forms)) {
          warmUps.add(turn(all, place, i, "-warm-up"));
        }
        once.add(turn(all, place, i, ""));
      }
    }
    double begun = ONCE * (from + MAKING * (networks - from)) / most;
    if (!warmUps.isEmpty()) {
      measure(warmUps, "device warmed up", begun, 0);
    }
    keep(
        once,
        measure(once, "networks measured", begun, ONCE * (1 - MAKING) * (networks - from) / most));
  }

  private void measureAgain(Map<Place, Series> all) {
    List<Turn> again = new ArrayList<>();
    Map<Place, List<Integer>> chosen = new LinkedHashMap<>();
    all.forEach(
        (place, series) ->
            chosen.put(
                place,
                series.used().isEmpty()
                    ? List.of()
                    : series.readings().again(run.request().seed())));
    int most = chosen.values().stream().mapToInt(List::size).max().orElse(0);
    int repeats = !run.calibratesOnly() && run.budgetSeconds() < BRIEF_SECONDS ? 1 : REPEATS;
    for (int repeat = 1; repeat <= repeats; repeat++) {
      for (int i = 0; i < most; i++) {
        for (Place place : all.keySet()) {
          List<Integer> list = chosen.get(place);
          if (i < list.size()) {
            again.add(turn(all, place, list.get(i), "-again-" + repeat));
          }
        }
      }
    }
    keep(again, measure(again, "measured again", ONCE, 1 - ONCE));
  }

  private static Turn turn(Map<Place, Series> all, Place place, int network, String suffix) {
    Series series = all.get(place);
    return new Turn(
        series,
        network,
        new MeasurementRequest(
            "calibration-%s-%d%s".formatted(place.form(), network, suffix),
            place.device(),
            series.files().get(network),
            place.form().name(),
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
          series.networks().add(turns.get(i).network());
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
}
