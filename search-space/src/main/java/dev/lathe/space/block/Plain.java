package dev.lathe.space.block;

import dev.lathe.onnx.Attribute;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/**
 * One dense convolution, as networks without shortcuts consist of (Simonyan, Zisserman, arXiv
 * 1409.1556). Resolution is lowered by max pooling between the convolution and its norm, and norms
 * have no scale to learn (Jordan, airbench, arXiv 2404.00498): that leaves the norm few values, and
 * the pooling can be moved behind the activation when the network is written.
 */
final class Plain implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    String name = site.name();
    String x = network.conv(name, input, Conv.dense(site.width(), site.kernel(network)));
    if (site.stride() > 1) {
      x = pooled(network, name + ".pool", x, site.stride());
    }
    x = network.unscaledNorm(name + ".norm", x);
    return network.activation(name + ".act", site.activation(network), x);
  }

  /** The largest value of squares; those at the lower and right edge may be cut off. */
  private static String pooled(NetworkBuilder network, String name, String x, int side) {
    int[] shape = network.shape(x);
    int below = Math.floorMod(-shape[2], side);
    int right = Math.floorMod(-shape[3], side);
    return network.channelwise(
        "MaxPool",
        name,
        List.of(x),
        Attribute.ints("kernel_shape", side, side),
        Attribute.ints("strides", side, side),
        Attribute.ints("pads", 0, 0, below, right));
  }
}
