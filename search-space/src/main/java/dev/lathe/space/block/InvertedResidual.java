package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import dev.lathe.space.program.Role;

/**
 * Expand by a 1×1 convolution, filter depthwise, project by a linear 1×1 convolution; a shortcut
 * where shapes agree (Sandler et al., MobileNetV2, arXiv 1801.04381). An expansion of 1 leaves the
 * expanding convolution out.
 */
public final class InvertedResidual implements Block {
  @Override
  public String append(NetworkBuilder network, BlockSite site, String input) {
    int kernel = site.kernel(network);
    int expansion = site.expansion(network);
    boolean squeezes = site.squeezesAndExcites(network);
    Activation activation = site.activation(network);
    int in = network.channels(input);
    int hidden = in * expansion;
    String name = site.name();
    String x = input;
    if (expansion > 1) {
      x = network.activated(name + ".expand", x, Conv.dense(hidden, 1), activation);
    }
    Conv depthwise = Conv.depthwise(kernel).withStride(site.stride());
    x = network.activated(name + ".depthwise", x, depthwise, activation);
    network.role(name, Role.Kind.KERNEL, name + ".depthwise");
    network.role(name, Role.Kind.KERNEL_NORM, name + ".depthwise.norm");
    if (squeezes) {
      x = SqueezeExcite.append(network, name + ".se", x);
    }
    x = network.normalized(name + ".project", x, Conv.dense(site.width(), 1));
    network.role(name, Role.Kind.OUTPUT_NORM, name + ".project.norm");
    return site.keepsShape(in) ? network.add(name + ".add", input, x) : x;
  }
}
