package dev.lathe.runs.stages;

import dev.lathe.latency.CalibrationReport;
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
 * Networks spread evenly over the space's MACs: the plan of a search. All at once; but where
 * others' predictors can be transferred to a new device, ten first, and the rest in those forms on
 * those devices whose interval is still too wide.
 */
final class SpreadNetworks implements CalibrationPlan {
  private static final int FEW = 10;

  /** What the 90 % interval may span, as a share of the estimate: ± 12.5 %. */
  private static final double WIDEST = 0.25;

  private final List<Architecture> networks;
  private final Transfers transfers;
  private final Map<Place, String> enough = new HashMap<>();
  private int given;

  SpreadNetworks(Run run, Transfers transfers) {
    this.networks =
        MacsSpread.draw(
            run.space(), run.settings().calibrationNetworks(), run.streams().at("calibration", 1));
    this.transfers = transfers;
  }

  @Override
  public List<Architecture> next(Map<Place, List<Sample>> samples) {
    int from = given;
    if (from == networks.size()) {
      return List.of();
    }
    if (from > 0) {
      samples.forEach(this::judge);
    }
    boolean all = transfers.isEmpty() || from > 0;
    given = enough.keySet().containsAll(samples.keySet()) ? from : all ? networks.size() : few();
    return networks.subList(from, given);
  }

  private int few() {
    return Math.min(FEW, networks.size());
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
    return networks.size();
  }

  @Override
  public String stopped(Place place) {
    return enough.getOrDefault(place, "all %d networks are measured".formatted(networks.size()));
  }
}
