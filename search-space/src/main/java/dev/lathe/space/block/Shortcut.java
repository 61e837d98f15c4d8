package dev.lathe.space.block;

import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * What a residual branch is added to: the input, or where the shape changes a 1×1 convolution of it
 * (He et al., arXiv 1512.03385, option B).
 */
final class Shortcut {
  private Shortcut() {}

  static String append(NetworkBuilder network, BlockSite site, String input) {
    Conv project = Conv.dense(site.width(), 1).withStride(site.stride());
    return site.keepsShape(network.channels(input))
        ? input
        : network.normalized(site.name() + ".shortcut", input, project);
  }
}
