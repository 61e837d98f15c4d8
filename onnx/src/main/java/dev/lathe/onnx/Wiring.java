package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Who makes and who takes each value of a graph whose nodes have been put in order.
 *
 * @param producers index of the node that makes a value
 * @param consumers indices of the nodes that take a value, rising
 * @param uses for each node the values it takes, those of its nested graphs among them
 * @param captured values that nested graphs take
 * @param problem what makes the graph unsound, if anything
 */
record Wiring(
    Map<String, Integer> producers,
    Map<String, List<Integer>> consumers,
    List<Set<String>> uses,
    Set<String> captured,
    Optional<String> problem) {

  void check() {
    if (problem.isPresent()) {
      throw new OnnxException(problem.get());
    }
  }

  /**
   * Orders the nodes in place so that each stands after those it depends on, otherwise as they
   * were.
   *
   * @throws OnnxException if they form a cycle, or a value has two producers
   */
  static Wiring sort(List<OnnxNode> nodes, Set<String> given, List<String> asked) {
    Set<String> captured = new HashSet<>();
    List<Set<String>> uses = new ArrayList<>();
    for (OnnxNode node : nodes) {
      uses.add(uses(node, captured));
    }
    Map<String, Integer> producers = producers(nodes, given);
    int[] order = order(nodes, uses, producers);
    List<OnnxNode> sorted = new ArrayList<>();
    List<Set<String>> sortedUses = new ArrayList<>();
    for (int index : order) {
      sorted.add(nodes.get(index));
      sortedUses.add(uses.get(index));
    }
    for (int i = 0; i < order.length; i++) {
      nodes.set(i, sorted.get(i));
    }
    producers = producers(nodes, given);
    Map<String, List<Integer>> consumers = new HashMap<>();
    Optional<String> problem = Optional.empty();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : sortedUses.get(i)) {
        consumers.computeIfAbsent(value, key -> new ArrayList<>()).add(i);
        if (problem.isEmpty() && !given.contains(value) && !producers.containsKey(value)) {
          problem = Optional.of(missing(nodes.get(i).label(), value));
        }
      }
    }
    for (String value : asked) {
      if (problem.isEmpty() && !given.contains(value) && !producers.containsKey(value)) {
        problem = Optional.of(missing("the graph's output", value));
      }
    }
    return new Wiring(producers, consumers, sortedUses, captured, problem);
  }

  private static String missing(String who, String value) {
    return "%s takes the value '%s', which nothing makes. Maybe a node is missing, or a name is misspelt."
        .formatted(who, value);
  }

  private static Map<String, Integer> producers(List<OnnxNode> nodes, Set<String> given) {
    Map<String, Integer> producers = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String value : nodes.get(i).outputs()) {
        if (value.isEmpty()) {
          continue;
        }
        if (producers.put(value, i) != null || given.contains(value)) {
          throw new OnnxException(
              "value '%s' of %s is made twice.".formatted(value, nodes.get(i).label()));
        }
      }
    }
    return producers;
  }

  private static int[] order(
      List<OnnxNode> nodes, List<Set<String>> uses, Map<String, Integer> producers) {
    int[] waiting = new int[nodes.size()];
    Map<Integer, List<Integer>> dependents = new HashMap<>();
    for (int i = 0; i < waiting.length; i++) {
      Set<Integer> sources = new HashSet<>();
      for (String value : uses.get(i)) {
        Integer producer = producers.get(value);
        if (producer != null && sources.add(producer)) {
          waiting[i]++;
          dependents.computeIfAbsent(producer, key -> new ArrayList<>()).add(i);
        }
      }
    }
    PriorityQueue<Integer> ready = new PriorityQueue<>();
    for (int i = 0; i < waiting.length; i++) {
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    int[] order = new int[waiting.length];
    int count = 0;
    while (!ready.isEmpty()) {
      int next = ready.remove();
      order[count++] = next;
      for (int dependent : dependents.getOrDefault(next, List.of())) {
        if (--waiting[dependent] == 0) {
          ready.add(dependent);
        }
      }
    }
    if (count < order.length) {
      for (int i = 0; i < waiting.length; i++) {
        if (waiting[i] > 0) {
          throw new OnnxException(
              "%s depends on its own result, directly or through others: the graph has a cycle."
                  .formatted(nodes.get(i).label()));
        }
      }
    }
    return order;
  }

  private static Set<String> uses(OnnxNode node, Set<String> captured) {
    Set<String> uses = new LinkedHashSet<>(node.inputs());
    if (node.hasSubgraphs()) {
      Set<String> inner = new LinkedHashSet<>();
      addFree(node.proto(), inner);
      captured.addAll(inner);
      uses.addAll(inner);
    }
    uses.remove("");
    return uses;
  }

  /** Adds the values that the nested graphs of a node take from outside. */
  private static void addFree(NodeProto node, Set<String> free) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()) {
        addFree(attribute.getG(), free);
      }
      attribute.getGraphsList().forEach(graph -> addFree(graph, free));
    }
  }

  private static void addFree(GraphProto graph, Set<String> free) {
    Set<String> own = new HashSet<>();
    Set<String> taken = new LinkedHashSet<>();
    graph.getInitializerList().forEach(tensor -> own.add(tensor.getName()));
    graph.getSparseInitializerList().forEach(tensor -> own.add(tensor.getValues().getName()));
    graph.getInputList().forEach(info -> own.add(info.getName()));
    graph.getOutputList().forEach(info -> taken.add(info.getName()));
    for (NodeProto node : graph.getNodeList()) {
      taken.addAll(node.getInputList());
      addFree(node, taken);
      own.addAll(node.getOutputList());
    }
    taken.removeAll(own);
    taken.remove("");
    free.addAll(taken);
  }
}
