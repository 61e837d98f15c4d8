package dev.lathe.space.elastic;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A branch that is added to the value from which it comes, of the same shape: without it the
 * network still fits together.
 *
 * @param name the node that adds
 * @param sum the value that the node makes
 * @param kept the value that stands for it without the branch
 * @param nodes outputs of the nodes that go with the branch
 */
public record ResidualBranch(String name, String sum, String kept, Set<String> nodes) {
  public ResidualBranch {
    nodes = Set.copyOf(nodes);
  }

  /** All that a graph has, but those that are more than half of its nodes. */
  static List<ResidualBranch> of(OnnxGraph graph, Sizes sizes) {
    List<ResidualBranch> found = new ArrayList<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.is("Add") && !graph.isOutput(node.output()) && !graph.isCaptured(node.output())) {
        branch(graph, sizes, node, 0)
            .or(() -> branch(graph, sizes, node, 1))
            .filter(branch -> 2 * branch.nodes().size() <= graph.nodes().size())
            .ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<ResidualBranch> branch(
      OnnxGraph graph, Sizes sizes, OnnxNode add, int keptInput) {
    String kept = add.inputs().get(keptInput);
    String other = add.inputs().get(1 - keptInput);
    boolean fits =
        graph.producer(other).isPresent()
            && sizes.knows(kept)
            && sizes.knows(add.output())
            && sizes.types().get(kept).equals(sizes.types().get(add.output()))
            && sizes.others().get(kept).equals(sizes.others().get(add.output()));
    if (!fits) {
      return Optional.empty();
    }
    Set<String> derived = derivedFrom(graph, kept, add);
    if (!derived.contains(other)) {
      return Optional.empty();
    }
    Set<String> nodes = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(other));
    while (!open.isEmpty()) {
      OnnxNode producer = graph.producer(open.pop()).orElseThrow();
      if (producer.hasSubgraphs()) {
        return Optional.empty();
      }
      if (nodes.add(producer.output())) {
        producer.inputs().stream().filter(derived::contains).forEach(open::add);
      }
    }
    return isExclusive(graph, nodes, add)
        ? Optional.of(
            new ResidualBranch(
                add.name().isEmpty() ? add.output() : add.name(), add.output(), kept, nodes))
        : Optional.empty();
  }

  /** The values before a sum that are computed from another. */
  private static Set<String> derivedFrom(OnnxGraph graph, String kept, OnnxNode add) {
    Set<String> derived = new HashSet<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.equals(add)) {
        break;
      }
      if (node.inputs().stream().anyMatch(i -> i.equals(kept) || derived.contains(i))) {
        derived.addAll(node.outputs());
      }
    }
    return derived;
  }

  /** Whether nothing but the sum takes what the branch makes. */
  private static boolean isExclusive(OnnxGraph graph, Set<String> nodes, OnnxNode add) {
    for (String output : nodes) {
      for (String made : graph.producer(output).orElseThrow().outputs()) {
        boolean outside =
            graph.isOutput(made)
                || graph.consumers(made).stream()
                    .anyMatch(c -> !nodes.contains(c.output()) && !c.output().equals(add.output()));
        if (outside) {
          return false;
        }
      }
    }
    return true;
  }
}
