package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What can be left out of a model. Channels that sums, products, depthwise convolutions, norms and
 * joined or split axes tie together form a group; a group is found by following every axis of every
 * value through the graph, so it does not matter of which blocks the network is made. (The idea of
 * dependency graphs: Fang et al., DepGraph, 2023, arXiv:2301.12900; here entry by entry.)
 */
public final class ElasticStructure {
  private final OnnxGraph graph;
  private final Sizes sizes;
  private final Grouping grouping;
  private final List<ResidualBranch> branches;
  private final List<InputSize> inputSizes;

  private ElasticStructure(OnnxGraph graph, Sizes sizes) {
    this.graph = graph;
    this.sizes = sizes;
    this.grouping = new Grouping(graph, CarrierChoice.best(graph, sizes));
    this.branches = ResidualBranch.of(graph, sizes);
    this.inputSizes = InputSize.of(graph);
  }

  /** As {@link #of(OnnxGraph, Map)} where no symbolic size needs to be given. */
  public static ElasticStructure of(OnnxGraph graph) {
    return of(graph, Map.of());
  }

  /**
   * Finds what can be left out.
   *
   * @param graph a model; simplified ones show more
   * @param symbols sizes of symbolic dimensions of the inputs, by name, where only some work
   * @throws OnnxException if shapes do not fit together
   */
  public static ElasticStructure of(OnnxGraph graph, Map<String, Long> symbols) {
    OnnxGraph plain = plain(graph);
    return new ElasticStructure(plain, Sizes.of(plain, symbols));
  }

  /** Constants as initializers, which are no inputs; shapes of inner values forgotten. */
  private static OnnxGraph plain(OnnxGraph graph) {
    OnnxGraph plain = graph.copy();
    for (OnnxNode node : List.copyOf(plain.nodes())) {
      if (node.is("Constant")) {
        plain
            .constant(node.output())
            .ifPresent(
                value -> {
                  plain.remove(node);
                  plain.addInitializer(value.named(node.output()));
                });
      }
    }
    for (TensorValue tensor : List.copyOf(plain.initializers())) {
      plain.removeInput(tensor.name());
    }
    plain.opset("", plain.opset());
    plain.forgetDeclared();
    plain.removeUnused();
    return plain;
  }

  /** The model, its constants initializers. To be left as it is. */
  public OnnxGraph graph() {
    return graph;
  }

  /** Channels that can be left out, in the order in which the network makes them. */
  public List<WidthGroup> groups() {
    return grouping.groups();
  }

  /** Channels that cannot, with what needs them. */
  public List<FixedGroup> fixed() {
    return grouping.fixed();
  }

  /** Residual branches that can be left out. */
  public List<ResidualBranch> branches() {
    return branches;
  }

  /** Sizes of images that the model can take, largest first; empty if it takes none. */
  public List<InputSize> inputSizes() {
    return inputSizes;
  }

  /**
   * The ranks, in a group, of the entries of an axis; −1 for entries that are not of the group.
   *
   * @param group index among {@link #groups}
   * @param value an initializer or another value of the graph
   */
  public int[] ranks(int group, String value, int axis) {
    int[] codes = grouping.codes(value, axis);
    int[] ranks = new int[Math.toIntExact(sizes.type(value).dim(axis))];
    Arrays.setAll(
        ranks, i -> codes.length == 0 || codes[i] >> 16 != group ? -1 : codes[i] & 0xffff);
    return ranks;
  }

  /** Whether an initializer is among the weights that were followed, and not a mere setting. */
  boolean isFollowed(String initializer) {
    return grouping.isFollowed(initializer);
  }

  Sizes sizes() {
    return sizes;
  }

  Grouping grouping() {
    return grouping;
  }
}
