package dev.lathe.space.policy;

import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.NetworkSpace;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Networks with a precision for each of their layers: beside the genes of a {@link NetworkSpace}
 * one gene, {@code <layer>.precision}, for each convolution and linear layer. A layer that an
 * architecture does not have (its block lies beyond the depth, its expansion is 1) is masked. The
 * network and its weights are those of the base; {@link #floatLayers} says what a quantizer must
 * leave alone, by the names that the layers have in the exported ONNX graph.
 */
public final class PrecisionSpace implements NetworkSpace {
  /** The label of a layer that computes with 32-bit floating-point numbers. */
  public static final String FLOAT = "float32";

  /** The label of a layer that computes with 8-bit integers. */
  public static final String INTEGER = "int8";

  private static final String SUFFIX = ".precision";

  private final NetworkSpace networks;
  private final JointSpace joint;

  /**
   * @param networks their layers are those of the largest network; layers that only others have get
   *     no gene and stay float
   */
  public PrecisionSpace(NetworkSpace networks) {
    this.networks = networks;
    List<Gene> genes =
        layers(networks.subnet(networks.largest())).stream()
            .map(layer -> new Gene(layer + SUFFIX, List.of(FLOAT, INTEGER)))
            .toList();
    this.joint =
        new JointSpace(
            networks.name() + " with precision",
            networks,
            new Policy(
                genes,
                architecture ->
                    layers(networks.subnet(architecture)).stream()
                        .map(layer -> layer + SUFFIX)
                        .collect(Collectors.toSet())));
  }

  /** Convolutions, and products with weights. */
  private static Set<String> layers(Subnet network) {
    Set<String> layers = new LinkedHashSet<>();
    for (OnnxNode node : network.graph().nodes()) {
      if (node.isOneOf("Conv", "Gemm", "MatMul")
          && network.weights().containsKey(node.inputs().get(1))) {
        layers.add(node.name());
      }
    }
    return layers;
  }

  /** The names of an architecture's layers that compute with floating-point numbers. */
  public Set<String> floatLayers(Architecture architecture) {
    Map<String, String> policy = joint.policy(architecture);
    Set<String> floats = layers(subnet(architecture));
    floats.removeIf(layer -> INTEGER.equals(policy.get(layer + SUFFIX)));
    return floats;
  }

  /** How many convolutions and linear layers an architecture has. */
  public int layers(Architecture architecture) {
    return layers(subnet(architecture)).size();
  }

  /** The base's architecture, without precisions. */
  public Architecture base(Architecture architecture) {
    return joint.base(architecture);
  }

  /** An architecture of the base with the same precision in all layers. */
  public Architecture uniform(Architecture base, String precision) {
    Map<String, String> labels = new LinkedHashMap<>();
    layers(networks.subnet(base)).forEach(layer -> labels.put(layer + SUFFIX, precision));
    labels.keySet().retainAll(joint.genes().stream().map(Gene::name).toList());
    return joint.join(base, labels);
  }

  @Override
  public String name() {
    return joint.name();
  }

  @Override
  public List<Gene> genes() {
    return joint.genes();
  }

  @Override
  public boolean[] active(Architecture architecture) {
    return joint.active(architecture);
  }

  /** As {@link JointSpace#size}. */
  @Override
  public BigInteger size() {
    return joint.size();
  }

  @Override
  public Optional<Stream<Architecture>> all() {
    return joint.all();
  }

  @Override
  public Subnet subnet(Architecture architecture) {
    check(architecture);
    return networks.subnet(joint.base(architecture));
  }

  @Override
  public Map<String, TensorSpec> specs() {
    return networks.specs();
  }

  /** The largest network, all layers float. */
  @Override
  public Architecture largest() {
    return uniform(networks.largest(), FLOAT);
  }

  /** The smallest network, all layers integer. */
  @Override
  public Architecture smallest() {
    return uniform(networks.smallest(), INTEGER);
  }
}
