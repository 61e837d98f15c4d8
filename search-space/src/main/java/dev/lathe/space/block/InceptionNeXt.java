package dev.lathe.space.block;

import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/**
 * ConvNeXt with its large kernel taken apart: an eighth of the channels sees a 3×3 kernel, an
 * eighth a band in each direction, the rest none (Yu et al., InceptionNeXt, arXiv 2303.16900).
 * Where the stage's width is free, the branches have an eighth of the smallest width and come
 * first, so that a channel belongs to one branch at every width. Bands are no longer than the image
 * needs.
 */
final class InceptionNeXt implements Block {
  private static final int SQUARE = 3;
  private static final int BAND = 11;

  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int expansion = site.expansion(network);
    String name = site.name();
    String x = input;
    if (!site.keepsShape(network.channels(input))) {
      x = network.batchNorm(name + ".down.norm", x);
      x = network.conv(name + ".down", x, Conv.patches(site.width(), site.stride()));
    }
    int branch = Math.max(1, site.options().leastWidth() / 8);
    int[] shape = network.shape(x);
    int high = Math.min(BAND, 2 * shape[2] - 1);
    int wide = Math.min(BAND, 2 * shape[3] - 1);
    List<String> parts =
        network.split(
            name + ".part", x, List.of(branch, branch, branch, site.width() - 3 * branch));
    List<String> mixed =
        List.of(
            network.conv(name + ".square", parts.get(0), Conv.depthwise(SQUARE).withBias()),
            network.conv(name + ".row", parts.get(1), Conv.depthwise(1, wide).withBias()),
            network.conv(name + ".column", parts.get(2), Conv.depthwise(high, 1).withBias()),
            parts.get(3));
    String y = network.batchNorm(name + ".norm", network.concat(name + ".mixed", mixed));
    y = network.conv(name + ".expand", y, Conv.dense(site.width() * expansion, 1).withBias());
    y = network.gelu(name + ".act", y);
    y = network.conv(name + ".project", y, Conv.dense(site.width(), 1).withBias());
    y = network.scaledChannels(name + ".scale", y, ConvNeXt.FIRST_SCALE);
    return network.add(name + ".add", x, y);
  }
}
