package dev.lathe.space.program;

/**
 * The networks of a space, written once: run on the choices of an architecture it builds that
 * architecture's network; run on many, it tells the space's genes, tensors and extremes. It must be
 * a function of the answers alone, and ask only what then makes a difference.
 */
@FunctionalInterface
public interface SpaceProgram {
  /** Builds the network, its output included. */
  void build(NetworkBuilder network);
}
