package dev.lathe.runs.stages;

import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.latency.calibration.NextNetworks;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Batch after batch the networks that tell most, until the error on held-out networks is small
 * enough in every form, or the networks or the minutes are spent: the plan of a calibration on its
 * own.
 */
final class InformativeNetworks implements CalibrationPlan {
  private static final int FIRST = GraphLatencyPredictor.LEAST_SAMPLES + 4;
  private static final int BATCH = 8;
  private static final int OFFERED = 5;
  private static final String GIVEN = "calibration-networks";

  private final Run run;
  private final int most;
  private final List<Architecture> offered;
  private final List<FeatureVector> features = new ArrayList<>();

  /** Networks given before the run was stopped: they are measured whatever the clock says now. */
  private final int givenBefore;

  private int given;
  private String stopped = "";

  InformativeNetworks(Run run) {
    this.run = run;
    this.most = run.settings().calibrationNetworks();
    this.givenBefore = run.facts().get(GIVEN, Integer.class).orElse(0);
    this.offered =
        new ArrayList<>(
            MacsSpread.skewed(run.space(), OFFERED * most, run.streams().at("calibration", 1)));
    for (Architecture architecture : offered) {
      run.control().checkpoint();
      features.add(GraphFeatures.of(run.space().subnet(architecture).outline(), 1));
    }
  }

  @Override
  public List<Architecture> next(Map<Place, List<Sample>> samples) {
    List<Sample> measured = samples.values().iterator().next();
    if (given > 0 && enough(samples)) {
      return List.of();
    }
    int count = Math.min(given == 0 ? FIRST : BATCH, Math.min(most - given, offered.size()));
    List<Architecture> next = new ArrayList<>();
    List<Integer> chosen =
        NextNetworks.choose(measured, features, count, run.request().seed() + given);
    chosen.forEach(index -> next.add(offered.get(index)));
    chosen.stream()
        .sorted((a, b) -> b - a)
        .forEach(
            index -> {
              offered.remove((int) index);
              features.remove((int) index);
            });
    given += next.size();
    run.facts().put(GIVEN, Math.max(given, givenBefore));
    return next;
  }

  private boolean enough(Map<Place, List<Sample>> samples) {
    double error =
        samples.values().stream()
            .mapToDouble(
                of ->
                    of.size() < GraphLatencyPredictor.LEAST_SAMPLES
                        ? Double.POSITIVE_INFINITY
                        : GraphLatencyPredictor.heldOutError(of, run.request().seed()))
            .max()
            .orElseThrow();
    double target = run.settings().targetError();
    String reached =
        String.format(Locale.ROOT, "mean error on held-out networks %.2f %%", 100 * error);
    if (error <= target) {
      stopped = "%s, %s %% was asked for".formatted(reached, trimmed(100 * target));
    } else if (given >= most || offered.isEmpty()) {
      stopped = "%d networks are measured; %s".formatted(given, reached);
    } else if (given >= givenBefore && run.clock().seconds() > run.budgetSeconds()) {
      stopped = "the minutes are spent; %s".formatted(reached);
    }
    return !stopped.isEmpty();
  }

  private static String trimmed(double number) {
    return String.format(Locale.ROOT, "%.2f", number);
  }

  @Override
  public int most() {
    return most;
  }

  @Override
  public String stopped(Place place) {
    return stopped;
  }
}
