package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A first look at a space: its diagonal, where all genes take their first choice, then all their
 * second, and so on, for its extremes; then a Latin design, over whose rows each choice of a gene
 * comes up equally often, as far as numbers allow (McKay, Beckman, Conover 1979,
 * doi:10.1080/00401706.1979.10489755).
 */
final class Design {
  private final SearchSpace space;
  private final int diagonal;
  private final int[][] columns;

  /**
   * @param rows of the whole design; at most half of them are of the diagonal
   */
  Design(SearchSpace space, RandomStreams randomness, int rows) {
    this.space = space;
    List<Gene> genes = space.genes();
    int longest = genes.stream().mapToInt(Gene::size).max().orElse(0);
    this.diagonal = Math.min(longest, rows / 2);
    int latin = rows - diagonal;
    this.columns = new int[genes.size()][latin];
    for (int gene = 0; gene < columns.length; gene++) {
      RandomGenerator random = randomness.at("design", gene);
      int[] column = columns[gene];
      int shift = random.nextInt(genes.get(gene).size());
      for (int i = 0; i < latin; i++) {
        int place = random.nextInt(i + 1);
        column[i] = column[place];
        column[place] = (i + shift) % genes.get(gene).size();
      }
    }
  }

  Architecture architecture(int row) {
    int[] choices = new int[columns.length];
    for (int gene = 0; gene < choices.length; gene++) {
      choices[gene] = row < diagonal ? step(gene, row) : columns[gene][row - diagonal];
    }
    return space.canonical(Architecture.of(choices));
  }

  /** The choice of a gene on a step of the diagonal, from its first to its last. */
  private int step(int gene, int row) {
    double last = space.genes().get(gene).size() - 1;
    return diagonal == 1 ? 0 : (int) Math.round(row * last / (diagonal - 1));
  }
}
