package dev.lathe.compress.fixed;

import java.util.List;

/**
 * A network in fixed point, of one input and one output.
 *
 * @param input what it takes
 * @param layers in the order in which they compute
 * @param output what it gives
 * @param hot the most signed powers of two that a weight is the sum of; 0 for any integers
 */
public record FixedNetwork(
    FixedTensor input, List<FixedLayer> layers, FixedTensor output, int hot) {
  public FixedNetwork {
    layers = List.copyOf(layers);
  }
}
