package dev.lathe.bench;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.io.IOException;
import java.util.function.ToDoubleFunction;

/**
 * What is known of this machine's speed.
 *
 * @param predictor as {@link GraphLatencyPredictor} writes it
 * @param report its error on networks held out
 */
record CalibratedDevice(String predictor, CalibrationReport report) {
  /** Calibrates, unless that has been done. */
  static CalibratedDevice of(
      LocalDevice local,
      NetworkSpace space,
      DataSet data,
      int networks,
      RandomStreams streams,
      Kept kept,
      Progress progress)
      throws IOException {
    return kept.once(
        "device",
        CalibratedDevice.class,
        () -> {
          Calibration found = local.calibrate(space, data, networks, streams, progress);
          return new CalibratedDevice(found.predictor().toJson(), found.report());
        });
  }

  /** The predicted latency of the architectures of a space, in milliseconds. */
  ToDoubleFunction<Architecture> latency(NetworkSpace space) {
    GraphLatencyPredictor found = GraphLatencyPredictor.fromJson(predictor);
    return architecture ->
        found.predict(GraphFeatures.of(space.subnet(architecture).outline(), 1)).millis();
  }
}
