package dev.lathe.runs.stages;

import dev.lathe.latency.Sample;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.List;
import java.util.Map;

/** All networks at once, spread evenly over the space's MACs: the plan of a search. */
final class SpreadNetworks implements CalibrationPlan {
  private final List<Architecture> networks;
  private boolean given;

  SpreadNetworks(Run run) {
    this.networks =
        MacsSpread.draw(
            run.space(), run.settings().calibrationNetworks(), run.streams().at("calibration", 1));
  }

  @Override
  public List<Architecture> next(Map<Place, List<Sample>> samples) {
    List<Architecture> next = given ? List.of() : networks;
    given = true;
    return next;
  }

  @Override
  public int most() {
    return networks.size();
  }

  @Override
  public String stopped() {
    return "all %d networks are measured".formatted(networks.size());
  }
}
