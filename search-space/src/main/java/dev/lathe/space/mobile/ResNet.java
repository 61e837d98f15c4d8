package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.space.block.BlockSite;
import dev.lathe.space.block.Blocks;
import dev.lathe.space.program.Conv;
import dev.lathe.space.program.NetworkBuilder;
import dev.lathe.space.program.ProgramSpace;
import dev.lathe.space.program.SpaceProgram;
import java.util.List;
import java.util.Map;

/**
 * Residual networks for small images as fixed networks to compare with (He et al., arXiv
 * 1512.03385, section 4.2): three stages of {@code blocks} basic blocks at full, half and a quarter
 * of the resolution, of {@code width}, twice and four times as many channels. One block of width 16
 * is ResNet-8, the image classifier of MLPerf Tiny (Banbury et al., arXiv 2106.07597); three are
 * ResNet-20.
 *
 * @param resolution side of the input images in pixels
 */
public record ResNet(int width, int blocks, int channels, int resolution, int classes)
    implements SpaceProgram {
  private static final int STAGES = 3;
  private static final Activation RELU = Activation.RELU;

  /** For example {@code resnet8-w16}. */
  public String name() {
    return "resnet%d-w%d".formatted(2 * STAGES * blocks + 2, width);
  }

  @Override
  public void build(NetworkBuilder network) {
    String x = network.input("input", channels, resolution, resolution);
    x = network.activated("stem", x, Conv.dense(width, 3), RELU);
    for (int stage = 0; stage < STAGES; stage++) {
      int channels = width << stage;
      BlockSite.Options options =
          new BlockSite.Options(
              List.of(3),
              List.of(1),
              List.of(false),
              List.of(RELU),
              List.of(1.0),
              List.of(1),
              channels);
      for (int block = 0; block < blocks; block++) {
        String name = "stage%d.block%d".formatted(stage + 1, block + 1);
        int stride = stage > 0 && block == 0 ? 2 : 1;
        x =
            Blocks.of("basic-residual")
                .append(network, new BlockSite(name, name, channels, stride, options), x);
      }
    }
    x = network.flatten("flat", network.globalPool("pool", x));
    network.output(network.linear("logits", "classifier", x, classes));
  }

  private ProgramSpace space() {
    return new ProgramSpace(name(), this);
  }

  /** The network; its weights are the tensors of {@link #specs} whole. */
  public Subnet subnet() {
    ProgramSpace space = space();
    return space.subnet(space.largest());
  }

  /** Name and description of every weight tensor. */
  public Map<String, TensorSpec> specs() {
    return space().specs();
  }
}
