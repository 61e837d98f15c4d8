package dev.lathe.compress.channel;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import java.util.List;

/**
 * Channels that several nodes share, because sums, products and depthwise convolutions tie them
 * together: they can only be reordered or removed in all of them alike.
 *
 * @param channels how many
 * @param makers where weights and biases make them, and constants that go with them
 * @param readers where weights multiply them, with the output of the node that does
 * @param depthwise outputs of the depthwise convolutions among the makers
 * @param fixed whether something outside the weights depends on their order or number
 */
public record ChannelGroup(
    int channels, List<Slot> makers, List<Reader> readers, List<String> depthwise, boolean fixed) {
  /** Weights that multiply the channels, and the output of their node. */
  public record Reader(Slot slot, String output) {}

  public ChannelGroup {
    makers = List.copyOf(makers);
    readers = List.copyOf(readers);
    depthwise = List.copyOf(depthwise);
  }

  /**
   * Keeps some channels, in a new order, and drops the others.
   *
   * @param graph that the group was found in
   * @param kept channels, each at most once
   */
  public void select(OnnxGraph graph, int[] kept) {
    if (fixed) {
      throw new IllegalStateException("these channels cannot be changed");
    }
    makers.forEach(slot -> slot.select(graph, kept));
    readers.forEach(reader -> reader.slot().select(graph, kept));
    for (String output : depthwise) {
      OnnxNode node = graph.producer(output).orElseThrow();
      graph.replace(node, List.of(node.with(Attribute.integer("group", kept.length))));
    }
  }
}
