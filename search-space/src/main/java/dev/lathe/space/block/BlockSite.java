package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/**
 * Where a block stands, and what is free there. A block asks for what it has, and only for that.
 *
 * @param name prefix of its nodes and stored tensors
 * @param scope prefix of its genes: its name, or its stage's where all blocks choose alike
 * @param width output channels
 * @param stride of the block
 * @param options alternatives
 */
public record BlockSite(String name, String scope, int width, int stride, Options options) {
  /**
   * Alternatives of a stage's blocks.
   *
   * @param kernels sides of kernels in pixels, odd
   * @param expansions hidden channels ÷ input channels, or as the block defines it
   * @param squeezeExcite whether channels are gated
   * @param ratios channels inside a residual block ÷ its output channels
   * @param groups numbers of subspaces
   * @param leastWidth the smallest width that the stage can have
   */
  public record Options(
      List<Integer> kernels,
      List<Integer> expansions,
      List<Boolean> squeezeExcite,
      List<Activation> activations,
      List<Double> ratios,
      List<Integer> groups,
      int leastWidth) {
    public Options {
      kernels = List.copyOf(kernels);
      expansions = List.copyOf(expansions);
      squeezeExcite = List.copyOf(squeezeExcite);
      activations = List.copyOf(activations);
      ratios = List.copyOf(ratios);
      groups = List.copyOf(groups);
    }
  }

  int kernel(NetworkBuilder network) {
    return network.choice(scope + ".kernel", options.kernels());
  }

  int expansion(NetworkBuilder network) {
    return network.choice(scope + ".expansion", options.expansions());
  }

  boolean squeezesAndExcites(NetworkBuilder network) {
    return network.choice(scope + ".squeezeExcite", options.squeezeExcite());
  }

  Activation activation(NetworkBuilder network) {
    return network.choice(scope + ".activation", options.activations());
  }

  int groups(NetworkBuilder network) {
    return network.choice(scope + ".groups", options.groups());
  }

  /** Channels inside a residual block: the chosen share of its width, in steps of 8. */
  int inner(NetworkBuilder network) {
    double ratio = network.choice(scope + ".ratio", options.ratios());
    return Math.max(8, (int) (width * ratio + 4) / 8 * 8);
  }

  /** Whether a block that keeps the image's shape could add its input. */
  boolean keepsShape(int in) {
    return stride == 1 && in == width;
  }
}
