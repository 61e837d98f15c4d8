package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A Latin design: over its rows, each choice of a gene comes up equally often, as far as numbers
 * allow (McKay, Beckman, Conover 1979, doi:10.1080/00401706.1979.10489755).
 */
final class Design {
  private final SearchSpace space;
  private final int[][] columns;

  Design(SearchSpace space, RandomStreams randomness, int rows) {
    this.space = space;
    List<Gene> genes = space.genes();
    this.columns = new int[genes.size()][rows];
    for (int gene = 0; gene < columns.length; gene++) {
      RandomGenerator random = randomness.at("design", gene);
      int[] column = columns[gene];
      int shift = random.nextInt(genes.get(gene).size());
      for (int i = 0; i < rows; i++) {
        int place = random.nextInt(i + 1);
        column[i] = column[place];
        column[place] = (i + shift) % genes.get(gene).size();
      }
    }
  }

  Architecture architecture(int row) {
    int[] choices = new int[columns.length];
    for (int gene = 0; gene < choices.length; gene++) {
      choices[gene] = columns[gene][row];
    }
    return space.canonical(Architecture.of(choices));
  }
}
