package dev.lathe.runs.stages;

import dev.lathe.metric.Quantity;
import dev.lathe.runs.PredictorRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The predictors of a run, one a {@link Slot}. */
record Predictors(Map<Slot, DevicePredictor> all) {
  static Predictors of(List<PredictorRecord> records) {
    Map<Slot, DevicePredictor> all = new LinkedHashMap<>();
    for (PredictorRecord record : records) {
      all.put(slot(record), DevicePredictor.of(record));
    }
    return new Predictors(all);
  }

  static Slot slot(PredictorRecord record) {
    return new Slot(
        record.device(),
        new Form(record.precision()),
        Quantity.of(record.metric()).orElse(Quantity.LATENCY));
  }

  /** That of a slot; empty where the form is not predicted on the device. */
  Optional<DevicePredictor> of(Slot slot) {
    return Optional.ofNullable(all.get(slot));
  }
}
