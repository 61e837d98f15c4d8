package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * A dense convolution between two of 1×1 that narrow and widen, and a shortcut around them (He et
 * al., arXiv 1512.03385, figure 5 right; the stride is the middle convolution's, as in Goyal et
 * al., arXiv 1706.02677).
 */
final class BottleneckResidual implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int kernel = site.kernel(network);
    int inner = site.inner(network);
    Activation activation = site.activation(network);
    String name = site.name();
    String x = network.activated(name + ".narrow", input, Conv.dense(inner, 1), activation);
    Conv middle = Conv.dense(inner, kernel).withStride(site.stride());
    x = network.activated(name + ".middle", x, middle, activation);
    x = network.normalized(name + ".widen", x, Conv.dense(site.width(), 1));
    x = network.add(name + ".add", Shortcut.append(network, site, input), x);
    return network.activation(name + ".act", activation, x);
  }
}
