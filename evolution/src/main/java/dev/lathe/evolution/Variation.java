package dev.lathe.evolution;

import dev.lathe.space.SearchSpace;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** Uniform crossover of two parents, then mutation to another choice, gene by gene. */
final class Variation {
  private final int[] sizes;
  private final int[] free;
  private final double crossover;
  private final double mutation;

  /**
   * @param crossover probability of mixing both parents, else the first alone is taken
   * @param mutations expected number of mutated genes, among those with a choice
   */
  Variation(SearchSpace space, double crossover, double mutations) {
    this.sizes = space.genes().stream().mapToInt(gene -> gene.size()).toArray();
    this.crossover = crossover;
    this.free = IntStream.range(0, sizes.length).filter(gene -> sizes[gene] > 1).toArray();
    this.mutation = free.length == 0 ? 0 : Math.min(1, mutations / free.length);
  }

  int[] child(int[] first, int[] second, RandomGenerator random) {
    int[] child = first.clone();
    if (random.nextDouble() < crossover) {
      long bits = 0;
      for (int gene = 0; gene < child.length; gene++) {
        if ((gene & 63) == 0) {
          bits = random.nextLong();
        }
        if ((bits >>> gene & 1) == 1) {
          child[gene] = second[gene];
        }
      }
    }
    for (int gene = 0; gene < child.length; gene++) {
      if (sizes[gene] > 1 && random.nextDouble() < mutation) {
        int other = random.nextInt(sizes[gene] - 1);
        child[gene] = other < child[gene] ? other : other + 1;
      }
    }
    return child;
  }

  /** A copy with one random gene, among those with a choice, chosen differently. */
  int[] mutateOne(int[] parent, RandomGenerator random) {
    int[] child = parent.clone();
    if (free.length > 0) {
      int gene = free[random.nextInt(free.length)];
      int other = random.nextInt(sizes[gene] - 1);
      child[gene] = other < child[gene] ? other : other + 1;
    }
    return child;
  }
}
