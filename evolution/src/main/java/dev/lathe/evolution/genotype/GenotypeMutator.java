package dev.lathe.evolution.genotype;

import io.jenetics.Chromosome;
import io.jenetics.Genotype;
import io.jenetics.Mutator;
import java.util.random.RandomGenerator;

/**
 * A mutator of Jenetics that can also be applied to one genotype directly, see {@link
 * PairCrossover}.
 *
 * @param <C> of the fitness, which is not looked at
 */
abstract class GenotypeMutator<C extends Comparable<? super C>> extends Mutator<ChoiceGene, C> {
  GenotypeMutator() {
    super(1);
  }

  /** A mutant; the same genotype if no gene mutates. */
  final Genotype<ChoiceGene> mutant(Genotype<ChoiceGene> genotype, RandomGenerator random) {
    Chromosome<ChoiceGene> chromosome = genotype.chromosome();
    Chromosome<ChoiceGene> mutated = mutate(chromosome, 1, random).result();
    return mutated == chromosome ? genotype : Genotype.of(mutated);
  }
}
