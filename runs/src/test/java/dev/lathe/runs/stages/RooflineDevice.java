package dev.lathe.runs.stages;

import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Roofline;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunStopped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A device that follows a roofline, with a sentinel that takes a millisecond. */
final class RooflineDevice implements Measurements {
  private static final Roofline LAW = new Roofline(2e7, 5e6, 0.002, 0);

  /** What was measured, by key: a request that comes again is answered from here. */
  final Map<String, MeasurementOutcome.Measured> record = new LinkedHashMap<>();

  private final Map<String, byte[]> models = new HashMap<>();

  /** After so many measurements the run is stopped, as by a shutdown. */
  int stopAfter = Integer.MAX_VALUE;

  /** How much longer everything takes than at first. */
  double slower = 1;

  @Override
  public List<DeviceRecord> devices() {
    return List.of(new DeviceRecord(1, "roofline", "test", "test 1", 1, "law"));
  }

  @Override
  public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
    List<MeasurementOutcome> outcomes = new ArrayList<>();
    for (MeasurementRequest request : requests) {
      if (!record.containsKey(request.key())) {
        if (record.size() >= stopAfter) {
          throw new RunStopped(RunStopped.Reason.SHUTDOWN);
        }
        models.put(request.key(), request.model());
        record.put(request.key(), measured(request, record.size()));
      } else if (!Arrays.equals(models.get(request.key()), request.model())) {
        throw new AssertionError(request.key() + " is another network than before the stop");
      }
      outcomes.add(record.get(request.key()));
      progress.at(outcomes.size(), requests.size());
    }
    return outcomes;
  }

  private MeasurementOutcome.Measured measured(MeasurementRequest request, int number) {
    // a per mille of noise that follows from the number
    double noise = 1 + 1e-3 * ((number * 7919L) % 13 - 6) / 6.0;
    double millis =
        slower * noise * LAW.predict(FusedKernels.of(OnnxGraph.parse(request.model()), 1)).millis();
    return new MeasurementOutcome.Measured(
        request.key(),
        number + 1,
        "roofline",
        "test 1",
        1,
        1,
        request.protocol(),
        List.of(millis),
        millis,
        millis,
        millis,
        0,
        slower,
        slower,
        Map.of());
  }
}
