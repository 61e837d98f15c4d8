package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The layers of FBNet (Wu et al. 2018, arXiv 1812.03443): 22 layers of fixed widths and strides at
 * an input of 224×224, each one of nine blocks. The costs of the blocks are sums over layers: a
 * kernel start, multiply-accumulates of pointwise and depthwise convolutions, elements moved and
 * weights.
 */
final class FbnetStructure {
  private static final int[] WIDTHS = {
    16, 24, 24, 24, 24, 32, 32, 32, 32, 64, 64, 64, 64, 112, 112, 112, 112, 184, 184, 184, 184, 352
  };
  private static final int[] STRIDES = {
    1, 2, 1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1
  };

  /** Window, expansion, groups of choices 0 to 7; choice 8 is a skip. */
  private static final int[][] BLOCKS = {
    {3, 1, 1}, {3, 1, 2}, {3, 3, 1}, {3, 6, 1}, {5, 1, 1}, {5, 1, 2}, {5, 3, 1}, {5, 6, 1}
  };

  private static final List<String> LABELS = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8");
  private static final int QUANTITIES = 12;

  /** Kernel starts; all work; work where depthwise is slow; traffic of activations; weights. */
  private static final double[][] BOUNDS = {
    {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 1, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0},
    {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}
  };

  /** [layer][choice][quantity] */
  private final double[][][] costs = new double[WIDTHS.length][BLOCKS.length + 1][QUANTITIES];

  FbnetStructure() {
    double resolution = 112;
    double in = 16;
    for (int layer = 0; layer < WIDTHS.length; layer++) {
      double out = WIDTHS[layer];
      int stride = STRIDES[layer];
      double pixelsIn = resolution * resolution;
      double pixels = pixelsIn / (stride * stride);
      for (int choice = 0; choice < BLOCKS.length; choice++) {
        int[] block = BLOCKS[choice];
        double wide = in * block[1];
        boolean grouped = block[2] > 1;
        double pointwise = (in * wide * pixelsIn + wide * out * pixels) / block[2];
        double depthwise = wide * block[0] * block[0] * pixels;
        costs[layer][choice] =
            new double[] {
              1,
              pointwise,
              block[0] == 3 ? depthwise : 0,
              block[0] == 5 ? depthwise : 0,
              wide * pixelsIn,
              wide * pixels,
              out * pixels + in * pixelsIn,
              (in * wide + wide * out) / block[2],
              grouped ? 1 : 0,
              grouped ? wide * pixelsIn + out * pixels : 0,
              resolution <= 14 ? pointwise : 0,
              resolution >= 56 ? pointwise : 0
            };
      }
      if (stride > 1 || in != out) {
        double[] skip = costs[layer][BLOCKS.length];
        skip[0] = 1;
        skip[1] = in * out * pixels;
        skip[6] = out * pixels + in * pixelsIn;
        skip[7] = in * out;
      }
      resolution /= stride;
      in = out;
    }
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

  /** For each thing that may bound a device, the weights of the quantities that add up to it. */
  static double[][] bounds() {
    return Arrays.stream(BOUNDS).map(double[]::clone).toArray(double[][]::new);
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
