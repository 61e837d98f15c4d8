package dev.lathe.latency.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Numbers that stand for the genes of an architecture, in groups of like meaning: how often each
 * choice is taken, what is known of the network that the genes build, and each single choice.
 */
public final class GeneEncoding {
  private final List<Gene> genes;
  private final boolean sameChoices;
  private final Function<Architecture, double[]> structure;

  private GeneEncoding(List<Gene> genes, Function<Architecture, double[]> structure) {
    this.genes = List.copyOf(genes);
    this.sameChoices = genes.stream().map(Gene::choices).distinct().count() == 1;
    this.structure = structure;
  }

  /**
   * The encoding of a space: cells of NAS-Bench-201 and layers of FBNet are known by the names of
   * their genes and encoded with the network they build; any other space by its choices alone.
   */
  public static GeneEncoding of(List<Gene> genes) {
    if (CellStructure.describes(genes)) {
      return new GeneEncoding(genes, new CellStructure(genes)::counts);
    }
    if (FbnetStructure.describes(genes)) {
      return new GeneEncoding(genes, new FbnetStructure()::costs);
    }
    return new GeneEncoding(genes, architecture -> new double[0]);
  }

  public List<Gene> genes() {
    return genes;
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
