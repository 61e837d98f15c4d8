package dev.lathe.runs.isolated;

import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import java.util.ArrayList;
import java.util.List;

/**
 * Measurements asked for in portions, each of which one call can carry.
 *
 * @param bytes of models that a portion has at most, or one model alone
 */
record Portions(Measurements there, long bytes) implements Measurements {
  @Override
  public List<DeviceRecord> devices() {
    return there.devices();
  }

  @Override
  public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
    List<MeasurementOutcome> outcomes = new ArrayList<>();
    int from = 0;
    while (from < requests.size()) {
      long sum = requests.get(from).model().length;
      int to = from + 1;
      while (to < requests.size() && sum + requests.get(to).model().length <= bytes) {
        sum += requests.get(to++).model().length;
      }
      int before = from;
      outcomes.addAll(
          there.measure(
              requests.subList(from, to),
              (done, of) -> progress.at(before + done, requests.size())));
      from = to;
    }
    return outcomes;
  }
}
