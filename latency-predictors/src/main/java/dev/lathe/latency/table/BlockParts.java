package dev.lathe.latency.table;

import dev.lathe.latency.table.SourceModels.Known;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the costs of blocks (choices of a kind of gene, over the cheapest of the kind) are positive
 * sums of, on any device: the costs on each source, and work and traffic that are known of the
 * network that the genes build. Entry 0 is the rest of the network, which every architecture has
 * once. Blocks that cost nothing on any source are left out: they are taken to cost nothing
 * anywhere.
 */
final class BlockParts {
  private static final double LEAST_COST = 1e-4;
  private static final double LEAST_REST = 0.01;

  /** What a part that a block has nothing of costs there, as a share of its mean. */
  private static final double LEAST_SHARE = 1e-3;

  /** What the sources explain of the mean latency, all together, and a known quantity alone. */
  private static final double OF_SOURCES = 0.3;

  private static final double OF_QUANTITY = 0.05;

  private final GeneEncoding encoding;
  private final int[] blocks;
  private final double[][] parts;
  private final double[] expected;
  private final double rest;

  BlockParts(SourceModels models) {
    this.encoding = models.encoding();
    int[] offsets = encoding.kindOffsets();
    double[] mean = new double[offsets[offsets.length - 1]];
    for (Known known : models.pool()) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += known.choices()[i] / models.pool().size();
      }
    }
    this.blocks =
        IntStream.range(0, mean.length)
            .filter(
                i ->
                    mean[i] > 0
                        && IntStream.range(0, models.devices())
                            .anyMatch(d -> models.costs(d)[i] > LEAST_COST))
            .toArray();
    int devices = models.devices();
    double[][] known = known();
    int quantities = encoding.blocks(0)[0].length;
    double[][] columns = new double[devices + quantities][];
    this.expected = new double[columns.length];
    double logRest = 0;
    for (int device = 0; device < devices; device++) {
      double[] costs = models.costs(device);
      columns[device] =
          Arrays.stream(blocks).mapToDouble(i -> Math.max(costs[i], LEAST_COST)).toArray();
      expected[device] = Math.log(OF_SOURCES / devices);
      double ofBlocks = Arrays.stream(blocks).mapToDouble(i -> mean[i] * costs[i]).sum();
      logRest += Math.log(Math.max(LEAST_REST, 1 - ofBlocks)) / devices;
    }
    this.rest = logRest;
    for (int q = 0; q < quantities; q++) {
      int quantity = q;
      double[] column = Arrays.stream(known).mapToDouble(block -> block[quantity]).toArray();
      double least = LEAST_SHARE * Arrays.stream(column).average().orElse(0);
      columns[devices + q] = Arrays.stream(column).map(v -> v + least).toArray();
      expected[devices + q] = Math.log(OF_QUANTITY);
    }
    this.parts = new double[blocks.length][columns.length];
    for (int p = 0; p < columns.length; p++) {
      double total = 0;
      for (int b = 0; b < blocks.length; b++) {
        total += mean[blocks[b]] * columns[p][b];
      }
      for (int b = 0; b < blocks.length; b++) {
        parts[b][p] = total > 0 ? columns[p][b] / total : 0;
      }
    }
  }

  /** The quantities of each block over the least of its gene. */
  private double[][] known() {
    int[] offsets = encoding.kindOffsets();
    double[][] known = new double[blocks.length][];
    int gene = 0;
    for (int b = 0; b < blocks.length; b++) {
      while (offsets[encoding.kind(gene) + 1] <= blocks[b]) {
        gene++;
      }
      double[][] choices = encoding.blocks(gene);
      known[b] = choices[blocks[b] - offsets[encoding.kind(gene)]].clone();
      for (int q = 0; q < known[b].length; q++) {
        int quantity = q;
        known[b][q] -= Arrays.stream(choices).mapToDouble(c -> c[quantity]).min().orElse(0);
      }
    }
    return known;
  }

  /** The number of parts. */
  int count() {
    return expected.length;
  }

  /** The number of entries: one more than blocks. */
  int entries() {
    return blocks.length + 1;
  }

  /**
   * Each part of an entry above 0, in units of what the blocks of a mean architecture have of it.
   */
  double[] of(int entry) {
    return parts[entry - 1];
  }

  /** Logarithm of the share of the mean latency that a part is expected to have. */
  double expected(int part) {
    return expected[part];
  }

  /** Logarithm of the share of the mean latency that the rest is expected to have. */
  double rest() {
    return rest;
  }

  /** How often an architecture has each entry. */
  double[] counts(Architecture architecture) {
    double[] taken = encoding.ofKinds(architecture);
    double[] counts = new double[entries()];
    Arrays.setAll(counts, e -> e == 0 ? 1 : taken[blocks[e - 1]]);
    return counts;
  }
}
