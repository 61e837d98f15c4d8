package dev.lathe.runs.stages;

import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.latency.Transfer;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Networks spread evenly over the space's MACs: the plan of a search. As many as a predictor needs
 * first, and then what the minutes have time for; but where others' predictors can be transferred
 * to a new device, ten first, and the rest in those forms on those devices whose interval is still
 * too wide. How many are asked for is measured whatever it takes.
 */
final class SpreadNetworks implements CalibrationPlan {
  /** The fact under which it is noted how many networks there was time for. */
  static final String AFFORDED = "calibration.networks";

  private static final int FEW = 10;

  /** Of the time for everything, until every network was measured once. */
  private static final double SHARE = 0.15;

  /** What the 90 % interval may span, as a share of the estimate: ± 12.5 %. */
  private static final double WIDEST = 0.25;

  private final Run run;
  private final double start;
  private final List<Architecture> networks;
  private final Transfers transfers;
  private final Map<Place, String> enough = new HashMap<>();
  private int given;
  private int most;

  SpreadNetworks(Run run, Transfers transfers) {
    this.run = run;
    this.start = run.clock().seconds();
    this.networks =
        MacsSpread.draw(
            run.space(), run.settings().calibrationNetworks(), run.streams().at("calibration", 1));
    this.transfers = transfers;
    this.most = networks.size();
  }

  @Override
  public List<Architecture> next(Map<Place, List<Sample>> samples) {
    int from = given;
    if (from > 0) {
      samples.forEach(this::judge);
    }
    if (from == 0) {
      given = Math.min(first(), networks.size());
    } else if (!enough.keySet().containsAll(samples.keySet())) {
      given = Math.clamp(Math.max(needed(samples), afforded()), from, networks.size());
      most = given;
    }
    return networks.subList(from, given);
  }

  private int first() {
    if (!transfers.isEmpty()) {
      return FEW;
    }
    return isAsked() ? networks.size() : GraphLatencyPredictor.LEAST_SAMPLES;
  }

  private boolean isAsked() {
    return run.request().settings().containsKey("calibrationNetworks");
  }

  /** So many as every predictor needs, if no further ones fail. */
  private int needed(Map<Place, List<Sample>> samples) {
    int fewest =
        samples.entrySet().stream()
            .filter(one -> measures(one.getKey()))
            .mapToInt(one -> one.getValue().size())
            .min()
            .orElse(GraphLatencyPredictor.LEAST_SAMPLES);
    return given + Math.max(0, GraphLatencyPredictor.LEAST_SAMPLES - fewest);
  }

  private int afforded() {
    if (isAsked()) {
      return networks.size();
    }
    return run.facts()
        .once(
            AFFORDED,
            Integer.class,
            () -> {
              double each = (run.clock().seconds() - start) / given;
              double there = SHARE * run.budgetSeconds() / Math.max(1e-6, each);
              return (int) Math.clamp(there, given, networks.size());
            });
  }

  private void judge(Place place, List<Sample> samples) {
    Optional<Transfer> transfer = transfers.to(place);
    if (transfer.isEmpty() || samples.size() < Transfer.LEAST_SAMPLES) {
      return;
    }
    CalibrationReport report = transfer.get().fit(samples).report();
    if (report.medianWidth() <= WIDEST && report.spearman() >= CalibrationReport.LEAST_SPEARMAN) {
      enough.put(
          place,
          String.format(
              Locale.ROOT,
              "the interval that other devices' predictors and %d networks give spans %.1f %%, no more than %.0f %%",
              samples.size(),
              100 * report.medianWidth(),
              100 * WIDEST));
    }
  }

  @Override
  public boolean measures(Place place) {
    return !enough.containsKey(place);
  }

  @Override
  public int most() {
    return most;
  }

  @Override
  public String stopped(Place place) {
    return enough.getOrDefault(place, "%d networks are measured".formatted(given));
  }
}
