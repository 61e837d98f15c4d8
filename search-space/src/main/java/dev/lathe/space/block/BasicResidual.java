package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * Two dense convolutions and a shortcut around them (He et al., Deep Residual Learning, arXiv
 * 1512.03385, figure 5 left); the channels between them are a share of the width.
 */
final class BasicResidual implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int kernel = site.kernel(network);
    int inner = site.inner(network);
    Activation activation = site.activation(network);
    String name = site.name();
    Conv first = Conv.dense(inner, kernel).withStride(site.stride());
    String x = network.activated(name + ".first", input, first, activation);
    x = network.normalized(name + ".second", x, Conv.dense(site.width(), kernel));
    x = network.add(name + ".add", Shortcut.append(network, site, input), x);
    return network.activation(name + ".act", activation, x);
  }
}
