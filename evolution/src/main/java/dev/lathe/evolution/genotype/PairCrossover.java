package dev.lathe.evolution.genotype;

import io.jenetics.Chromosome;
import io.jenetics.Genotype;
import io.jenetics.UniformCrossover;
import io.jenetics.util.MSeq;

/**
 * Jenetics' uniform crossover, applied to two genotypes directly: an alterer's walk through a
 * population costs several times what the crossover itself does.
 */
final class PairCrossover extends UniformCrossover<ChoiceGene, Double> {
  PairCrossover() {
    super(1, 0.5);
  }

  /** The first parent with each gene exchanged for the second's, or not, with equal chance. */
  Genotype<ChoiceGene> child(Genotype<ChoiceGene> first, Genotype<ChoiceGene> second) {
    Chromosome<ChoiceGene> chromosome = first.chromosome();
    MSeq<ChoiceGene> genes = MSeq.of(chromosome);
    crossover(genes, MSeq.of(second.chromosome()));
    return Genotype.of(chromosome.newInstance(genes.toISeq()));
  }
}
