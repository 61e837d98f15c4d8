package dev.lathe.latency.table;

import dev.lathe.latency.table.SourceModels.Known;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What source devices tell of a space whose latency is a sum over layers: the logarithm of the cost
 * of each block (a choice of a kind of gene) over the cheapest of its kind, in units of the
 * device's mean latency. Entry 0 is the rest of the network, which every architecture has once.
 * Blocks that cost nothing on any source are left out: they are taken to cost nothing anywhere.
 */
final class BlockLogs {
  private static final double LEAST_REST = 0.01;
  private static final double LEAST_COST = 1e-4;

  private final SourceModels models;
  private final int[] blocks;
  private final int[] kinds;
  private final int[] choices;
  private final double[][] known;
  private final double[][] logs;
  private final double[][] variances;

  BlockLogs(SourceModels models) {
    this.models = models;
    int[] offsets = models.encoding().kindOffsets();
    int all = offsets[offsets.length - 1];
    double[] mean = new double[all];
    for (Known known : models.pool()) {
      for (int i = 0; i < all; i++) {
        mean[i] += known.choices()[i] / models.pool().size();
      }
    }
    this.blocks =
        IntStream.range(0, all)
            .filter(
                i ->
                    mean[i] > 0
                        && IntStream.range(0, models.devices())
                            .anyMatch(d -> models.costs(d)[i] > LEAST_COST))
            .toArray();
    this.kinds = new int[entries()];
    this.choices = new int[entries()];
    this.known = new double[entries()][];
    int[] genes = new int[offsets.length - 1];
    for (int gene = models.encoding().genes().size() - 1; gene >= 0; gene--) {
      genes[models.encoding().kind(gene)] = gene;
    }
    for (int e = 1; e < entries(); e++) {
      int kind = 0;
      while (offsets[kind + 1] <= blocks[e - 1]) {
        kind++;
      }
      kinds[e] = kind;
      choices[e] = blocks[e - 1] - offsets[kind];
      known[e] = models.encoding().blocks(genes[kind])[choices[e]];
    }
    this.logs = new double[models.devices()][entries()];
    this.variances = new double[models.devices()][entries()];
    for (int device = 0; device < logs.length; device++) {
      double[] costs = models.costs(device);
      double rest = 1;
      for (int e = 1; e < entries(); e++) {
        int block = blocks[e - 1];
        rest -= mean[block] * costs[block];
        // the error of a mean over the rows that have the block, and of that over those that have
        // the cheapest
        double error =
            models.unexplained(device) * Math.sqrt(2 / (mean[block] * models.pool().size()));
        double cost = Math.max(costs[block], Math.max(error, LEAST_COST));
        logs[device][e] = Math.log(cost);
        variances[device][e] = Math.pow(error / cost, 2);
      }
      logs[device][0] = Math.log(Math.max(LEAST_REST, rest));
      variances[device][0] = 0.01;
    }
  }

  GeneEncoding encoding() {
    return models.encoding();
  }

  /** The number of entries. */
  int entries() {
    return blocks.length + 1;
  }

  /** The kind of gene of an entry above 0. */
  int kind(int entry) {
    return kinds[entry];
  }

  /** The choice of an entry above 0. */
  int choice(int entry) {
    return choices[entry];
  }

  /** What is known of the block of an entry above 0, one number a quantity. */
  double[] known(int entry) {
    return known[entry];
  }

  /** Logarithms of the costs on a source. */
  double[] of(int device) {
    return logs[device];
  }

  /** Variances of the errors of {@link #of}. */
  double[] variances(int device) {
    return variances[device];
  }

  /** How often an architecture has each entry. */
  double[] counts(Architecture architecture) {
    double[] taken = models.encoding().ofKinds(architecture);
    double[] counts = new double[entries()];
    Arrays.setAll(counts, e -> e == 0 ? 1 : taken[blocks[e - 1]]);
    return counts;
  }
}
