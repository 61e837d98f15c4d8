package dev.lathe.bench.payoff;

import dev.lathe.graph.Extraction;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.mobile.MobileNetV2;
import dev.lathe.space.mobile.ResNet;
import java.util.Map;

/**
 * A network that is trained alone.
 *
 * @param name unique among the networks compared
 * @param tensors its weights, which it uses whole
 */
record FixedNetwork(String name, Subnet subnet, Map<String, TensorSpec> tensors) {
  static FixedNetwork of(MobileNetV2 network) {
    return new FixedNetwork(network.name(), network.subnet(), network.specs());
  }

  static FixedNetwork of(ResNet network) {
    return new FixedNetwork(network.name(), network.subnet(), network.specs());
  }

  /** An architecture on tensors of its own. */
  static FixedNetwork of(String name, NetworkSpace space, Architecture architecture) {
    Extraction own = Extraction.of(space.subnet(architecture), space.specs());
    return new FixedNetwork(name, own.subnet(), own.tensors());
  }
}
