package dev.lathe.space.block;

import dev.lathe.space.program.NetworkBuilder;

/** A part of a network that a stage repeats. */
@FunctionalInterface
public interface Block {
  /**
   * Appends the block to a network.
   *
   * @param input an image [batch, channels, height, width]
   * @return an image of {@code site.width()} channels, its sides divided by {@code site.stride()}
   *     and rounded up
   */
  String append(NetworkBuilder network, BlockSite site, String input);
}
