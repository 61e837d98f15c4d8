package dev.lathe.evolution.genotype;

import io.jenetics.Chromosome;
import io.jenetics.MutatorResult;
import io.jenetics.util.MSeq;
import java.util.random.RandomGenerator;

/**
 * Mutates each gene for itself: with its probability it takes another choice. (Jenetics' own
 * mutator first draws individuals and chromosomes, so that mutations come in bunches.)
 *
 * @param <C> of the fitness, which is not looked at
 */
final class ChoiceMutator<C extends Comparable<? super C>> extends GenotypeMutator<C> {
  private final double rate;

  /**
   * @param rate probability that a gene mutates
   */
  ChoiceMutator(double rate) {
    this.rate = rate;
  }

  @Override
  protected MutatorResult<Chromosome<ChoiceGene>> mutate(
      Chromosome<ChoiceGene> chromosome, double probability, RandomGenerator random) {
    MSeq<ChoiceGene> genes = null;
    int mutations = 0;
    for (int place = 0; place < chromosome.length(); place++) {
      ChoiceGene gene = chromosome.get(place);
      if (gene.isFree() && random.nextDouble() < rate) {
        genes = genes == null ? MSeq.of(chromosome) : genes;
        genes.set(place, gene.another(random));
        mutations++;
      }
    }
    return new MutatorResult<>(
        genes == null ? chromosome : chromosome.newInstance(genes.toISeq()), mutations);
  }
}
