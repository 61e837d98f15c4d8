package dev.lathe.evolution.genotype;

import dev.lathe.space.SearchSpace;
import io.jenetics.Alterer;
import io.jenetics.Genotype;
import io.jenetics.Phenotype;
import io.jenetics.UniformCrossover;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import java.util.random.RandomGenerator;

/**
 * How children come of parents: an alterer of Jenetics, run with given random numbers alone, so
 * that a search that is resumed breeds the same children.
 */
public final class Variation {
  private final Alterer<ChoiceGene, Double> crossover;
  private final Alterer<ChoiceGene, Double> mutator;

  private Variation(Alterer<ChoiceGene, Double> crossover, Alterer<ChoiceGene, Double> mutator) {
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
    // Jenetics draws each of a pair for recombination; drawn once or twice, the pair is mixed.
    double drawn = 1 - Math.sqrt(1 - crossover);
    return new Variation(new UniformCrossover<>(drawn, 0.5), new ChoiceMutator<>(rate));
  }

  /** Exactly one gene takes another choice. */
  public static Variation ofOneGene() {
    return new Variation(Alterer.of(), new OneChoiceMutator<>());
  }

  /** A child of two parents. */
  public Genotype<ChoiceGene> child(
      Genotype<ChoiceGene> first, Genotype<ChoiceGene> second, RandomGenerator random) {
    return RandomRegistry.with(random)
        .call(
            () ->
                mutated(
                    crossover
                        .alter(ISeq.of(Phenotype.of(first, 0), Phenotype.of(second, 0)), 1)
                        .population()
                        .get(0)));
  }

  /** A child of one parent. */
  public Genotype<ChoiceGene> child(Genotype<ChoiceGene> parent, RandomGenerator random) {
    return RandomRegistry.with(random).call(() -> mutated(Phenotype.of(parent, 0)));
  }

  private Genotype<ChoiceGene> mutated(Phenotype<ChoiceGene, Double> child) {
    return mutator.alter(ISeq.of(child), 1).population().get(0).genotype();
  }
}
