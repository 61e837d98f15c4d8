package dev.lathe.space.program;

/**
 * What a node is to its block, for methods that act on blocks whatever their nodes are called.
 *
 * @param block the block's name
 * @param kind what it is
 * @param node the node's name
 */
public record Role(String block, Kind kind, String node) {
  /** What a node can be. */
  public enum Kind {
    /** The convolution whose kernel's side is chosen. */
    KERNEL,
    /** The batch norm behind it: over the channels that the expansion chooses. */
    KERNEL_NORM,
    /** The batch norm that ends the block's residual branch. */
    OUTPUT_NORM
  }
}
