package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;

/** What latency predictors look at in a network that is not written yet. */
final class NetworkFeatures {
  private NetworkFeatures() {}

  static FeatureVector of(Subnet network) {
    return GraphFeatures.of(network.outline(), 1);
  }
}
