package dev.lathe.compress.channel;

import dev.lathe.space.elastic.ElasticStructure;
import dev.lathe.space.elastic.WidthGroup;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Orders of channels by what they contribute, so that the first of them are worth keeping. */
public enum ChannelOrder {
  /** Σ|w| over the weights that read a channel; looks at no data. */
  MAGNITUDE {
    @Override
    int[] of(ChannelReaders readers, int group) {
      return sorted(sums(readers, group, false));
    }
  },
  /**
   * Σ w² x̄² over the weights that read a channel, relative to what each reader makes: the energy
   * that goes with it if the others stay as they are.
   */
  ENERGY {
    @Override
    int[] of(ChannelReaders readers, int group) {
      return sorted(sums(readers, group, true));
    }
  },
  /**
   * Channels leave one after the other, each time that whose going costs least when the readers'
   * other weights make up for it (Hassibi, Stork: Optimal Brain Surgeon, 1993; of groups of
   * columns: Ling et al., SlimGPT, 2024, arXiv:2412.18110).
   */
  ELIMINATION {
    @Override
    int[] of(ChannelReaders readers, int group) {
      return Elimination.order(readers, group, ENERGY.of(readers, group));
    }
  };

  /** The ranks of a group's channels, the most important first. */
  abstract int[] of(ChannelReaders readers, int group);

  /** Such orders for all groups of a model. */
  public int[][] orders(ChannelReaders readers) {
    int[][] orders = new int[readers.structure().groups().size()][];
    Arrays.setAll(orders, group -> of(readers, group));
    return orders;
  }

  private static double[] sums(ChannelReaders readers, int group, boolean energy) {
    ElasticStructure structure = readers.structure();
    double[] sums = new double[structure.groups().get(group).size()];
    List<ReadMatrix> matrices = readers.of(group);
    for (ReadMatrix matrix : matrices) {
      int[] ranks = matrix.ranks(structure, group);
      boolean known = energy && matrix.isKnown();
      double unit = known ? matrix.energy() : 1;
      float[] values = matrix.rows().values();
      for (int i = 0; i < values.length; i++) {
        int column = i % ranks.length;
        if (ranks[column] >= 0) {
          double weight = values[i];
          sums[ranks[column]] +=
              known
                  ? weight * weight * matrix.gram()[column * ranks.length + column] / unit
                  : Math.abs(weight);
        }
      }
    }
    return matrices.isEmpty() ? made(structure, group) : sums;
  }

  /** Without readers that are known: by the weights that make the channels. */
  private static double[] made(ElasticStructure structure, int group) {
    WidthGroup found = structure.groups().get(group);
    double[] sums = new double[found.size()];
    for (WidthGroup.Place place : found.places()) {
      int[] ranks = structure.ranks(group, place.tensor(), place.axis());
      var tensor = structure.graph().initializer(place.tensor()).orElseThrow();
      int inner = 1;
      for (int i = place.axis() + 1; i < tensor.rank(); i++) {
        inner *= (int) tensor.dim(i);
      }
      float[] values = tensor.floats();
      for (int i = 0; i < values.length; i++) {
        int rank = ranks[i / inner % ranks.length];
        if (rank >= 0) {
          sums[rank] += Math.abs(values[i]);
        }
      }
    }
    return sums;
  }

  private static int[] sorted(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -scores[i]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
