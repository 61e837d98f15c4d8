package dev.lathe.runs.stages;

import dev.lathe.latency.Sample;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.Map;

/** Which networks a calibration measures. What it decides follows from what was measured. */
interface CalibrationPlan {
  /**
   * The next networks.
   *
   * @param samples measured so far, the same networks in each form and on each device where none
   *     failed and all are measured
   * @return none when enough is measured
   */
  List<Architecture> next(Map<Place, List<Sample>> samples);

  /** Whether the next networks are measured in a form on a device, too. */
  default boolean measures(Place place) {
    return true;
  }

  /** At most so many networks will be measured. */
  int most();

  /** Why nothing more is measured in a form on a device, for people. */
  String stopped(Place place);
}
