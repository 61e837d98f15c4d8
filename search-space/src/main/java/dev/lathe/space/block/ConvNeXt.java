package dev.lathe.space.block;

import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * A large depthwise kernel, layer normalization, and an inverted bottleneck of two 1×1 convolutions
 * with one GELU between them, scaled and added (Liu et al., A ConvNet for the 2020s, arXiv
 * 2201.03545). Where the shape changes, layer normalization and patches that do not overlap come
 * before. The scale starts at 0.1 where the authors, who train for 300 epochs, have 1e-6.
 */
final class ConvNeXt implements Block {
  static final float FIRST_SCALE = 0.1f;

  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int kernel = site.kernel(network);
    int expansion = site.expansion(network);
    String name = site.name();
    String x = input;
    if (!site.keepsShape(network.channels(input))) {
      x = network.layerNormOfChannels(name + ".down.norm", x);
      x = network.conv(name + ".down", x, Conv.patches(site.width(), site.stride()));
    }
    String y = network.conv(name + ".depthwise", x, Conv.depthwise(kernel).withBias());
    y = network.layerNormOfChannels(name + ".norm", y);
    y = network.conv(name + ".expand", y, Conv.dense(site.width() * expansion, 1).withBias());
    y = network.gelu(name + ".act", y);
    y = network.conv(name + ".project", y, Conv.dense(site.width(), 1).withBias());
    y = network.scaledChannels(name + ".scale", y, FIRST_SCALE);
    return network.add(name + ".add", x, y);
  }
}
