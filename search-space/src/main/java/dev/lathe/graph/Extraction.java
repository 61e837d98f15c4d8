package dev.lathe.graph;

import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network cut out of its supernet: the same operators on tensors of its own that are as large as
 * it needs them, so that it can be trained as if there had never been a supernet.
 *
 * @param graph the network; every slice is a whole tensor
 * @param tensors name and extent of these tensors
 */
public record Extraction(NetworkGraph graph, Map<String, List<Integer>> tensors) {
  public Extraction {
    tensors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Cuts a network out.
   *
   * @throws IllegalArgumentException naming a tensor of which the network uses parts of different
   *     size
   */
  public static Extraction of(NetworkGraph graph) {
    Map<String, List<Integer>> tensors = new LinkedHashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Operator operator = node.operator().withWeights(weight -> own(weight, tensors));
      nodes.add(new Node(node.name(), operator, node.inputs(), node.output()));
    }
    return new Extraction(
        new NetworkGraph(graph.inputs(), nodes, graph.outputs(), graph.shapes()), tensors);
  }

  private static WeightRef own(WeightRef weight, Map<String, List<Integer>> tensors) {
    return switch (weight) {
      case Slice slice -> {
        List<Integer> before = tensors.putIfAbsent(slice.tensor(), slice.shape());
        if (before != null && !before.equals(slice.shape())) {
          throw new IllegalArgumentException(
              "the network uses %s and %s of weights '%s', so that these cannot be cut out."
                  .formatted(before, slice.shape(), slice.tensor()));
        }
        yield new Slice(
            slice.tensor(),
            slice.windows().stream().map(window -> new Window(0, window.length())).toList());
      }
      case WeightRef.Literal literal -> literal;
      case WeightRef.Derived derived ->
          new WeightRef.Derived(derived.derivation(), own(derived.source(), tensors));
    };
  }
}
