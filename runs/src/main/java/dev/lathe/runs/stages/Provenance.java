package dev.lathe.runs.stages;

import dev.lathe.latency.calibration.LearningCurve;
import dev.lathe.runs.PredictorRecord;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * From what a latency predictor was made.
 *
 * @param runtime name and version
 * @param sentinelMillis what the device's sentinel took at the speed that the predictor stands for
 * @param sentinelExponent how much of the sentinel's drift the networks share, 0 to 1
 * @param sentinelDrift slowest over fastest sentinel during calibration, less 1
 * @param repeatability median difference of a network's first reading from its later ones
 * @param repeatable10 share of repeated networks whose first reading is within ±10 % of the later
 * @param medianWidth median width of the 90 % interval, as a share of the estimate
 * @param measurements ids of all that were used
 * @param stopped why no more was measured; null where an older Lathe did not note it, as is {@code
 *     learningCurve}
 * @param learningCurve error on networks that were not seen, by the number of those that were
 * @param moreToHalve how many more networks would halve the error; empty where the learning curve
 *     does not promise it
 * @param secondsToHalve how long these would take, at the pace of this calibration
 */
record Provenance(
    String runtime,
    double sentinelMillis,
    double sentinelExponent,
    double sentinelDrift,
    double repeatability,
    double repeatable10,
    double medianWidth,
    List<Long> measurements,
    @Nullable String stopped,
    @Nullable List<LearningCurve.Point> learningCurve,
    @Nullable OptionalInt moreToHalve,
    double secondsToHalve) {
  Provenance {
    measurements = List.copyOf(measurements);
  }

  /** That of a predictor; one of before provenance was kept stands for any speed. */
  static Provenance of(PredictorRecord predictor) {
    return predictor.provenance().equals("{}")
        ? new Provenance("", 1, 0, 0, 0, 1, 0, List.of(), null, null, null, 0)
        : Facts.read(
            "provenance of the %s predictor".formatted(predictor.precision()),
            predictor.provenance(),
            Provenance.class);
  }
}
