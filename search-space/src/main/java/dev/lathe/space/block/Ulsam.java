package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import java.util.List;

/**
 * Attention within subspaces: each group of channels gets one map of where to look, a softmax over
 * all pixels, and is multiplied by one plus it (Saini et al., ULSAM: Ultra-Lightweight Subspace
 * Attention Module, arXiv 2006.15102). It stands in the place of a block; where the shape changes,
 * a depthwise separable convolution comes before. Groups that do not divide the width are refused.
 */
final class Ulsam implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int groups = site.groups(network);
    String name = site.name();
    String x = input;
    if (!site.keepsShape(network.channels(input))) {
      Conv depthwise = Conv.depthwise(3).withStride(site.stride());
      x = network.activated(name + ".depthwise", x, depthwise, Activation.RELU);
      x = network.activated(name + ".pointwise", x, Conv.dense(site.width(), 1), Activation.RELU);
    }
    int[] shape = network.shape(x);
    if (shape[1] % groups != 0) {
      throw new IllegalArgumentException(
          "%s: %d channels cannot be divided into %d groups. Maybe list groups that divide every width."
              .formatted(name, shape[1], groups));
    }
    String y = network.activated(name + ".each", x, Conv.depthwise(1), Activation.RELU);
    y =
        network.channelwise(
            "MaxPool",
            name + ".pool",
            List.of(y),
            Attribute.ints("kernel_shape", 3, 3),
            Attribute.ints("strides", 1, 1),
            Attribute.ints("pads", 1, 1, 1, 1));
    Conv maps = Conv.dense(groups, 1).withGroups(groups);
    y = network.activated(name + ".maps", y, maps, Activation.RELU);
    y = reshape(network, name + ".flat", y, 0, groups, shape[2] * shape[3]);
    y = network.node("Softmax", name + ".softmax", List.of(y), Attribute.integer("axis", 2));
    y = network.node("Add", name + ".plus", List.of(y, network.scalar("one", 1)));
    y = reshape(network, name + ".attention", y, 0, groups, 1, shape[2] * shape[3]);
    int each = shape[1] / groups;
    String z = reshape(network, name + ".subspaces", x, 0, groups, each, shape[2] * shape[3]);
    z = network.node("Mul", name + ".attended", List.of(z, y));
    return reshape(network, name + ".image", z, 0, shape[1], shape[2], shape[3]);
  }

  private static String reshape(NetworkBuilder network, String name, String x, long... sizes) {
    String shape = network.constant(TensorValue.int64(name + ".shape", sizes, sizes.length));
    return network.node("Reshape", name, List.of(x, shape));
  }
}
