package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * The inverted residual with expansion and depthwise filter fused into one dense convolution: more
 * multiply-adds, which processors with matrix units carry out faster (Gupta, Tan: EfficientNet-
 * EdgeTPU, 2019; Tan, Le: EfficientNetV2, arXiv 2104.00298). At an expansion of 1 it is one
 * convolution.
 */
final class FusedInvertedResidual implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int kernel = site.kernel(network);
    int expansion = site.expansion(network);
    boolean squeezes = site.squeezesAndExcites(network);
    Activation activation = site.activation(network);
    int in = network.channels(input);
    String name = site.name();
    String x;
    if (expansion > 1) {
      Conv expand = Conv.dense(in * expansion, kernel).withStride(site.stride());
      x = network.activated(name + ".expand", input, expand, activation);
    } else {
      Conv single = Conv.dense(site.width(), kernel).withStride(site.stride());
      x = network.activated(name + ".single", input, single, activation);
    }
    if (squeezes) {
      x = SqueezeExcite.append(network, name + ".se", x);
    }
    if (expansion > 1) {
      x = network.normalized(name + ".project", x, Conv.dense(site.width(), 1));
    }
    return site.keepsShape(in) ? network.add(name + ".add", input, x) : x;
  }
}
