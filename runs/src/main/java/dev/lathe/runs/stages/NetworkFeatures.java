package dev.lathe.runs.stages;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.OnnxExporter;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;

/** What latency predictors look at in a network that is not written yet. */
final class NetworkFeatures {
  private NetworkFeatures() {}

  static FeatureVector of(NetworkGraph network) {
    return GraphFeatures.of(OnnxExporter.outline(network, "outline"), 1);
  }
}
