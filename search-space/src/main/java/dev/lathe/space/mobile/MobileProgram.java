package dev.lathe.space.mobile;

import dev.lathe.space.block.BlockSite;
import dev.lathe.space.block.Blocks;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import dev.lathe.space.program.SpaceProgram;
import java.util.Collections;

/** The networks of a {@link MobileSpec}: stem, stages of blocks, head, classifier. */
public record MobileProgram(MobileSpec spec, int classes) implements SpaceProgram {
  @Override
  public void build(NetworkBuilder network) {
    int side = network.choice("resolution", spec.resolutions());
    String x = network.input("input", spec.channels(), side, side);
    x = stem(network, spec.stem(), x);
    for (int s = 0; s < spec.stages().size(); s++) {
      x = stage(network, "stage" + (s + 1), spec.stages().get(s), x);
    }
    x = network.activated("head", x, Conv.dense(spec.headWidth(), 1), spec.headActivation());
    x = network.flatten("flat", network.globalPool("pool", x));
    network.output(network.linear("logits", "classifier", x, classes));
  }

  /** Appends a first convolution to an image. */
  public static String stem(NetworkBuilder network, MobileSpec.Stem stem, String input) {
    int width = network.choice("stem.width", stem.widths());
    int stride = network.choice("stem.stride", stem.strides());
    Conv first = Conv.dense(width, stem.kernel()).withStride(stride);
    return network.activated("stem", input, first, stem.activation());
  }

  /** Appends a stage of blocks to an image. */
  public static String stage(
      NetworkBuilder network, String name, MobileSpec.Stage stage, String input) {
    int width = network.choice(name + ".width", stage.widths());
    int depth = network.choice(name + ".depth", stage.depths());
    int first = network.choice(name + ".stride", stage.strides());
    BlockSite.Options options =
        new BlockSite.Options(
            stage.kernels(),
            stage.expansions(),
            stage.squeezeExcite(),
            stage.activations(),
            stage.blocks().ratios(),
            stage.blocks().groups(),
            Collections.min(stage.widths()));
    String x = input;
    for (int b = 0; b < depth; b++) {
      String here = name + ".block" + (b + 1);
      String scope = stage.blocks().shared() ? name : here;
      String kind = network.choice(scope + ".block", stage.blocks().kinds());
      int stride = b == 0 ? first : 1;
      String prefix = stage.blocks().kinds().size() == 1 ? here : here + "." + kind;
      x = Blocks.of(kind).append(network, new BlockSite(prefix, scope, width, stride, options), x);
    }
    return x;
  }
}
