package dev.lathe.evolution.genotype;

import io.jenetics.Chromosome;
import io.jenetics.MutatorResult;
import io.jenetics.util.ISeq;
import io.jenetics.util.MSeq;
import java.util.random.RandomGenerator;

/**
 * Mutates exactly one gene, each of those with a choice as likely; none if no gene has one.
 *
 * @param <C> of the fitness, which is not looked at
 */
final class OneChoiceMutator<C extends Comparable<? super C>> extends GenotypeMutator<C> {
  @Override
  protected MutatorResult<Chromosome<ChoiceGene>> mutate(
      Chromosome<ChoiceGene> chromosome, double probability, RandomGenerator random) {
    MSeq<ChoiceGene> genes = MSeq.of(chromosome);
    int free = (int) genes.stream().filter(ChoiceGene::isFree).count();
    if (free == 0) {
      return new MutatorResult<>(chromosome, 0);
    }
    int nth = random.nextInt(free);
    int place = 0;
    while (!genes.get(place).isFree() || nth-- > 0) {
      place++;
    }
    genes.set(place, genes.get(place).another(random));
    ISeq<ChoiceGene> mutated = genes.toISeq();
    return new MutatorResult<>(chromosome.newInstance(mutated), 1);
  }
}
