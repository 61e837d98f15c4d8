package dev.lathe.evolution.genotype;

import dev.lathe.space.SearchSpace;
import io.jenetics.Genotype;
import io.jenetics.util.RandomRegistry;
import java.util.random.RandomGenerator;

/**
 * How children come of parents: operators of Jenetics, run with given random numbers alone, so that
 * a search that is resumed breeds the same children.
 */
public final class Variation {
  private static final PairCrossover CROSSOVER = new PairCrossover();

  private final double crossover;
  private final GenotypeMutator<Double> mutator;

  private Variation(double crossover, GenotypeMutator<Double> mutator) {
    this.crossover = crossover;
    this.mutator = mutator;
  }

  /**
   * Uniform crossover of two parents, then mutation of each gene to another choice.
   *
   * @param crossover probability that a child has genes of both parents, in [0, 1]
   * @param mutations expected number of mutated genes, among those with a choice
   */
  public static Variation of(SearchSpace space, double crossover, double mutations) {
    long free = space.genes().stream().filter(gene -> gene.size() > 1).count();
    double rate = free == 0 ? 0 : Math.min(1, mutations / free);
    return new Variation(crossover, new ChoiceMutator<>(rate));
  }

  /** Exactly one gene takes another choice. */
  public static Variation ofOneGene() {
    return new Variation(0, new OneChoiceMutator<>());
  }

  /** A child of two parents. */
  public Genotype<ChoiceGene> child(
      Genotype<ChoiceGene> first, Genotype<ChoiceGene> second, RandomGenerator random) {
    if (random.nextDouble() >= crossover) {
      return child(first, random);
    }
    Genotype<ChoiceGene> crossed =
        RandomRegistry.with(random).call(() -> CROSSOVER.child(first, second));
    return child(crossed, random);
  }

  /** A child of one parent. */
  public Genotype<ChoiceGene> child(Genotype<ChoiceGene> parent, RandomGenerator random) {
    return mutator.mutant(parent, random);
  }
}
