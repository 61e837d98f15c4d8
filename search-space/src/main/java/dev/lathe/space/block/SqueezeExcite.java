package dev.lathe.space.block;

import dev.lathe.graph.Activation;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;

/**
 * A gate for each channel, computed from all channels' means (Hu et al., Squeeze-and-Excitation
 * Networks, arXiv 1709.01507), inside as in MobileNetV3 (Howard et al., arXiv 1905.02244).
 */
final class SqueezeExcite {
  private SqueezeExcite() {}

  static String append(NetworkBuilder network, String name, String input) {
    int channels = network.channels(input);
    String y = network.globalPool(name + ".pool", input);
    y = network.conv(name + ".reduce", y, Conv.dense(squeezed(channels), 1).withBias());
    y = network.activation(name + ".relu", Activation.RELU, y);
    y = network.conv(name + ".expand", y, Conv.dense(channels, 1).withBias());
    y = network.activation(name + ".gate", Activation.HARD_SIGMOID, y);
    return network.gated(name + ".scale", input, y);
  }

  /** A quarter of the channels, in steps of 8. */
  private static int squeezed(int channels) {
    return Math.max(8, (channels / 4 + 4) / 8 * 8);
  }
}
