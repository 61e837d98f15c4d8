package dev.lathe.runs.stages;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Reading;
import dev.lathe.runs.PredictorRecord;
import java.util.List;

/** A predictor of the search's device, and the device's speed for which it stands. */
record DevicePredictor(GraphLatencyPredictor predictor, Provenance provenance) {
  static DevicePredictor of(PredictorRecord record) {
    return new DevicePredictor(
        GraphLatencyPredictor.fromJson(record.json()), Provenance.of(record));
  }

  /**
   * Whether calibration has seen all kernels of a network: one of another space may have others.
   */
  boolean knows(FeatureVector features) {
    return predictor.knows(features);
  }

  /** At the speed of calibration. */
  Estimate predict(FeatureVector features) {
    return predictor.predict(features);
  }

  /**
   * How much longer the device takes now than at calibration, as its sentinel says: the median
   * sentinel over that of calibration, to the exponent that calibration found.
   *
   * @param now readings taken now, at least one
   */
  double slowdown(List<Reading> now) {
    return Math.pow(1 + sentinelDrift(now), provenance.sentinelExponent());
  }

  /** How much longer the sentinel takes now than at calibration: 0.1 is 10 percent longer. */
  double sentinelDrift(List<Reading> now) {
    double[] sentinels =
        now.stream()
            .flatMap(r -> List.of(r.sentinelBeforeMillis(), r.sentinelAfterMillis()).stream())
            .mapToDouble(Double::doubleValue)
            .sorted()
            .toArray();
    double median = (sentinels[(sentinels.length - 1) / 2] + sentinels[sentinels.length / 2]) / 2;
    return median / provenance.sentinelMillis() - 1;
  }
}
