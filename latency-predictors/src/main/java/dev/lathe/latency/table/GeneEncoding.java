package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Numbers that stand for the genes of an architecture, in groups of like meaning: how often each
 * choice is taken, what is known of the network that the genes build, and each single choice.
 */
public final class GeneEncoding {
  private final List<Gene> genes;
  private final boolean sameChoices;
  private final Function<Architecture, double[]> structure;
  private final Function<Integer, double[][]> blocks;
  private final int[] kinds;
  private final boolean layers;

  private GeneEncoding(
      List<Gene> genes,
      Function<Architecture, double[]> structure,
      Function<Integer, double[][]> blocks,
      int[] kinds,
      boolean layers) {
    this.genes = List.copyOf(genes);
    this.sameChoices = genes.stream().map(Gene::choices).distinct().count() == 1;
    this.structure = structure;
    this.blocks = blocks;
    this.kinds = kinds;
    this.layers = layers;
  }

  /**
   * The encoding of a space: cells of NAS-Bench-201 and layers of FBNet are known by the names of
   * their genes and encoded with the network they build; any other space by its choices alone.
   */
  public static GeneEncoding of(List<Gene> genes) {
    int[] each = IntStream.range(0, genes.size()).toArray();
    if (CellStructure.describes(genes)) {
      return new GeneEncoding(
          genes, new CellStructure(genes)::counts, gene -> nothing(genes, gene), each, false);
    }
    if (FbnetStructure.describes(genes)) {
      FbnetStructure fbnet = new FbnetStructure();
      return new GeneEncoding(
          genes, fbnet::costs, fbnet::blocks, FbnetStructure.layerKinds(), true);
    }
    return new GeneEncoding(
        genes, architecture -> new double[0], gene -> nothing(genes, gene), each, true);
  }

  private static double[][] nothing(List<Gene> genes, int gene) {
    return new double[genes.get(gene).choices().size()][0];
  }

  public List<Gene> genes() {
    return genes;
  }

  /** Whether genes stand for layers one after the other, so that their costs add up. */
  boolean layers() {
    return layers;
  }

  /** Whether all genes have the same choices. */
  boolean sameChoices() {
    return sameChoices;
  }

  /** Counts of each choice, or nothing where genes differ in their choices. */
  double[] counts(Architecture architecture) {
    if (!sameChoices) {
      return new double[0];
    }
    double[] counts = new double[genes.getFirst().choices().size()];
    for (int gene = 0; gene < genes.size(); gene++) {
      counts[architecture.choice(gene)]++;
    }
    return counts;
  }

  /** What the network built of the genes has: see the structures. */
  double[] structure(Architecture architecture) {
    return structure.apply(architecture);
  }

  /** What is known of the blocks among which a gene chooses: [choice][quantity], at least 0. */
  double[][] blocks(int gene) {
    return blocks.apply(gene);
  }

  /** 1 for each choice that is taken, else 0, gene after gene. */
  double[] oneHot(Architecture architecture) {
    int size = genes.stream().mapToInt(gene -> gene.choices().size()).sum();
    double[] values = new double[size];
    int offset = 0;
    for (int gene = 0; gene < genes.size(); gene++) {
      values[offset + architecture.choice(gene)] = 1;
      offset += genes.get(gene).choices().size();
    }
    return values;
  }

  /** How many kinds of genes there are: genes of one kind stand for the same network part. */
  int kinds() {
    return kinds[kinds.length - 1] + 1;
  }

  /** The kind of a gene; kinds ascend with genes. */
  int kind(int gene) {
    return kinds[gene];
  }

  /** Index of the first choice of each kind in {@link #ofKinds}, then their number. */
  int[] kindOffsets() {
    int[] offsets = new int[kinds() + 1];
    for (int gene = 0; gene < kinds.length; gene++) {
      offsets[kinds[gene] + 1] = offsets[kinds[gene]] + genes.get(gene).choices().size();
    }
    return offsets;
  }

  /** How often each choice is taken by the genes of each kind. */
  double[] ofKinds(Architecture architecture) {
    int[] offsets = kindOffsets();
    double[] values = new double[offsets[offsets.length - 1]];
    for (int gene = 0; gene < kinds.length; gene++) {
      values[offsets[kinds[gene]] + architecture.choice(gene)]++;
    }
    return values;
  }

  /** 1 for each pair of choices of different genes that are both taken, else 0. */
  double[] pairs(Architecture architecture) {
    List<double[]> parts = new ArrayList<>();
    int size = 0;
    for (int right = 1; right < genes.size(); right++) {
      for (int left = 0; left < right; left++) {
        int width = genes.get(left).choices().size();
        double[] part = new double[width * genes.get(right).choices().size()];
        part[architecture.choice(right) * width + architecture.choice(left)] = 1;
        parts.add(part);
        size += part.length;
      }
    }
    double[] values = new double[size];
    int offset = 0;
    for (double[] part : parts) {
      System.arraycopy(part, 0, values, offset, part.length);
      offset += part.length;
    }
    return values;
  }
}
