package dev.lathe.latency;

import java.util.List;

/**
 * One kernel that the runtime starts: a node of the graph, or several that are fused.
 *
 * @param kind which law its cost follows
 * @param integer whether it computes on 8-bit integers
 * @param nodes labels of the graph's nodes in it; empty for a layout change, which no node asks for
 * @param activation operator of the activation that is fused into it, empty for none
 * @param macs multiply-accumulates as the graph states them
 * @param inputElements elements of its activations in
 * @param outputElements elements of its activation out
 * @param weightElements elements of its constants
 * @param inputChannels of a convolution, else 0
 * @param outputChannels of a convolution, else 0
 * @param pixels output positions, over the batch, of a convolution, else 0
 * @param window positions of the window of a convolution, else 0
 */
public record Kernel(
    KernelKind kind,
    boolean integer,
    List<String> nodes,
    String activation,
    long macs,
    long inputElements,
    long outputElements,
    long weightElements,
    long inputChannels,
    long outputChannels,
    long pixels,
    long window) {
  public Kernel {
    nodes = List.copyOf(nodes);
  }

  static Kernel plain(
      KernelKind kind,
      boolean integer,
      List<String> nodes,
      long macs,
      long inputElements,
      long outputElements,
      long weightElements) {
    return new Kernel(
        kind, integer, nodes, "", macs, inputElements, outputElements, weightElements, 0, 0, 0, 0);
  }

  /** Bytes that it moves if nothing stays in a cache: 1 an integer element, 4 a real one. */
  public long bytes() {
    return (inputElements + outputElements + weightElements) * (integer ? 1 : 4);
  }
}
