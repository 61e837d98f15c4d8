package dev.lathe.graph;

import java.util.List;

/**
 * One operation of a network.
 *
 * @param name unique in its graph; batch-norm statistics and reports refer to it
 * @param inputs names of the values it reads
 * @param output name of the value it makes
 */
public record Node(String name, Operator operator, List<String> inputs, String output) {
  public Node {
    inputs = List.copyOf(inputs);
  }
}
