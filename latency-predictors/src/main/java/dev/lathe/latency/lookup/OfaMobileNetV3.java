package dev.lathe.latency.lookup;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The operators of networks of the MobileNetV3 space of Once-for-All (Cai et al. 2019, arXiv
 * 1908.09791), described as the keys of an {@link OperatorTable}. Genes are {@code kernel_0} … 19
 * and {@code expand_0} … 19, four a stage, {@code depth_0} … 4 and {@code resolution}, choices
 * their numbers; layers beyond a stage's depth are not built.
 */
public final class OfaMobileNetV3 {
  private static final int LAYERS = 4;
  private static final int[] STRIDES = {2, 2, 2, 1, 2};
  private static final int[] SQUEEZE_EXCITE = {0, 1, 0, 1, 1};

  private final List<Gene> genes;
  private final Map<String, Integer> index = new HashMap<>();
  private final Widths widths;

  /** Channels of the stem, the stages, and the two layers before the classifier. */
  private record Widths(int stem, int[] stages, int expanded, int mixed) {}

  /**
   * The space.
   *
   * @param wide whether the networks are of width 1.2 rather than 1
   * @throws IllegalArgumentException naming a gene that is missing
   */
  public OfaMobileNetV3(List<Gene> genes, boolean wide) {
    this.genes = List.copyOf(genes);
    this.widths =
        wide
            ? new Widths(24, new int[] {32, 48, 96, 136, 192}, 1152, 1536)
            : new Widths(16, new int[] {24, 40, 80, 112, 160}, 960, 1280);
    for (int gene = 0; gene < genes.size(); gene++) {
      index.put(genes.get(gene).name(), gene);
    }
    require("resolution");
    for (int stage = 0; stage < STRIDES.length; stage++) {
      require("depth_" + stage);
      for (int layer = LAYERS * stage; layer < LAYERS * (stage + 1); layer++) {
        require("kernel_" + layer);
        require("expand_" + layer);
      }
    }
  }

  private void require(String gene) {
    if (!index.containsKey(gene)) {
      throw new IllegalArgumentException(
          "the space has no gene '%s', so it is not that of Once-for-All's MobileNetV3 but has %s."
              .formatted(gene, genes.stream().map(Gene::name).toList()));
    }
  }

  private int value(Architecture architecture, String gene) {
    int at = index.get(gene);
    return Integer.parseInt(genes.get(at).choices().get(architecture.choice(at)));
  }

  /** The operators of a network, from the first to the last. */
  public List<String> operators(Architecture architecture) {
    List<String> keys = new ArrayList<>();
    int image = value(architecture, "resolution");
    int side = Math.ceilDiv(image, 2);
    keys.add("first_conv-input:%s-output:%s".formatted(map(image, 3), map(side, widths.stem)));
    keys.add(block(side, widths.stem, side, widths.stem, 1, 3, 1, 0));
    int channels = widths.stem;
    for (int stage = 0; stage < STRIDES.length; stage++) {
      for (int layer = 0; layer < value(architecture, "depth_" + stage); layer++) {
        int number = LAYERS * stage + layer;
        int stride = layer == 0 ? STRIDES[stage] : 1;
        int to = Math.ceilDiv(side, stride);
        keys.add(
            block(
                side,
                channels,
                to,
                widths.stages[stage],
                value(architecture, "expand_" + number),
                value(architecture, "kernel_" + number),
                stride,
                SQUEEZE_EXCITE[stage]));
        side = to;
        channels = widths.stages[stage];
      }
    }
    keys.add(
        "final_expand_layer-input:%s-output:%s"
            .formatted(map(side, channels), map(side, widths.expanded)));
    keys.add(
        "feature_mix_layer-input:%s-output:%s"
            .formatted(map(1, widths.expanded), map(1, widths.mixed)));
    keys.add("classifier-input:%d-output:1000".formatted(widths.mixed));
    return keys;
  }

  private static String block(
      int side,
      int channels,
      int toSide,
      int toChannels,
      int expand,
      int kernel,
      int stride,
      int squeezeExcite) {
    boolean residual = stride == 1 && channels == toChannels;
    return "MBConv-input:%s-output:%s-expand:%d-kernel:%d-stride:%d-idskip:%d-se:%d"
        .formatted(
            map(side, channels),
            map(toSide, toChannels),
            expand,
            kernel,
            stride,
            residual ? 1 : 0,
            squeezeExcite);
  }

  private static String map(int side, int channels) {
    return "%dx%dx%d".formatted(side, side, channels);
  }
}
