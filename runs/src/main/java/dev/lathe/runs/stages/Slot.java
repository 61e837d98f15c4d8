package dev.lathe.runs.stages;

import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;

/** What a predictor is of: a quantity of networks in a form, on a device. */
record Slot(String device, Form form, Quantity quantity) {
  Metric metric() {
    return Metric.on(quantity, device);
  }
}
