package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The layers of FBNet (Wu et al. 2018, arXiv 1812.03443) as HW-NAS-Bench (Li et al. 2021, arXiv
 * 2103.10584) has them for images of 32×32: 22 layers of fixed widths and strides, each one of nine
 * blocks. The costs of the blocks are sums over layers: kernel starts, multiply-accumulates,
 * elements moved, weights and channels.
 */
final class FbnetStructure {
  private static final int RESOLUTION = 32;
  private static final int STEM_WIDTH = 16;
  private static final int[] WIDTHS = {
    16, 24, 24, 24, 24, 32, 32, 32, 32, 64, 64, 64, 64, 112, 112, 112, 112, 184, 184, 184, 184, 352
  };
  private static final int[] STRIDES = {
    1, 1, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1
  };

  /** Window, expansion, groups of choices 0 to 7; choice 8 is a skip. */
  private static final int[][] BLOCKS = {
    {3, 1, 1}, {3, 1, 2}, {3, 3, 1}, {3, 6, 1}, {5, 1, 1}, {5, 1, 2}, {5, 3, 1}, {5, 6, 1}
  };

  private static final int CONVOLUTIONS = 3;
  private static final List<String> LABELS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8");

  private static final int STARTS = 0;
  private static final int SHUFFLES = 1;
  private static final int POINTWISE_MACS = 2;
  private static final int DEPTHWISE_MACS = 3;
  private static final int TRAFFIC = 4;
  private static final int WEIGHTS = 5;
  private static final int CHANNELS = 6;
  private static final int SHUFFLE_TRAFFIC = 7;
  private static final int QUANTITIES = 8;

  /** [layer][choice][quantity] */
  private final double[][][] costs = new double[WIDTHS.length][BLOCKS.length + 1][];

  FbnetStructure() {
    int resolution = RESOLUTION;
    int in = STEM_WIDTH;
    for (int layer = 0; layer < WIDTHS.length; layer++) {
      int out = WIDTHS[layer];
      int stride = STRIDES[layer];
      for (int choice = 0; choice < BLOCKS.length; choice++) {
        costs[layer][choice] = block(BLOCKS[choice], in, out, resolution, stride);
      }
      costs[layer][BLOCKS.length] = skip(in, out, resolution, stride);
      resolution /= stride;
      in = out;
    }
  }

  private static double[] block(int[] block, int in, int out, int resolution, int stride) {
    double before = resolution * resolution;
    double after = before / (stride * stride);
    double wide = in * block[1];
    int groups = block[2];
    double[] cost = new double[QUANTITIES];
    cost[STARTS] = CONVOLUTIONS;
    cost[POINTWISE_MACS] = wide * (in * before + out * after) / groups;
    cost[DEPTHWISE_MACS] = wide * block[0] * block[0] * after;
    cost[TRAFFIC] = (in + 2 * wide) * before + (2 * wide + out) * after;
    cost[WEIGHTS] = wide * (in + out) / groups;
    cost[CHANNELS] = wide;
    if (groups > 1) {
      cost[SHUFFLES] = 1;
      cost[SHUFFLE_TRAFFIC] = wide * before + out * after;
    }
    return cost;
  }

  /** Nothing, or a pointwise convolution where it must change the shape. */
  private static double[] skip(int in, int out, int resolution, int stride) {
    double[] cost = new double[QUANTITIES];
    if (stride > 1 || in != out) {
      double before = resolution * resolution;
      double after = before / (stride * stride);
      cost[STARTS] = 1;
      cost[POINTWISE_MACS] = in * out * after;
      cost[TRAFFIC] = in * before + out * after;
      cost[WEIGHTS] = in * out;
    }
    return cost;
  }

  /** Layers of equal width, stride and input are of one kind. */
  static int[] layerKinds() {
    int[] kinds = new int[WIDTHS.length];
    for (int layer = 1; layer < kinds.length; layer++) {
      boolean repeats =
          layer > 1
              && STRIDES[layer] == 1
              && STRIDES[layer - 1] == 1
              && WIDTHS[layer] == WIDTHS[layer - 1]
              && WIDTHS[layer - 1] == WIDTHS[layer - 2];
      kinds[layer] = kinds[layer - 1] + (repeats ? 0 : 1);
    }
    return kinds;
  }

  static boolean describes(List<Gene> genes) {
    return genes.size() == WIDTHS.length
        && IntStream.range(0, WIDTHS.length)
            .allMatch(
                layer ->
                    genes.get(layer).name().equals("layer_" + layer)
                        && genes.get(layer).choices().equals(LABELS));
  }

  /** What is known of the blocks of a layer: [choice][quantity]. */
  double[][] blocks(int layer) {
    return Arrays.stream(costs[layer]).map(double[]::clone).toArray(double[][]::new);
  }

  /** The sums over all layers. */
  double[] costs(Architecture architecture) {
    double[] sums = new double[QUANTITIES];
    for (int layer = 0; layer < WIDTHS.length; layer++) {
      double[] cost = costs[layer][architecture.choice(layer)];
      for (int quantity = 0; quantity < QUANTITIES; quantity++) {
        sums[quantity] += cost[quantity];
      }
    }
    return sums;
  }
}
