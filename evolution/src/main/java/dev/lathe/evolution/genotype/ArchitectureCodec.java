package dev.lathe.evolution.genotype;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import io.jenetics.Chromosome;
import io.jenetics.Genotype;
import io.jenetics.engine.InvertibleCodec;
import io.jenetics.util.Factory;
import io.jenetics.util.MSeq;
import io.jenetics.util.RandomRegistry;
import java.util.List;
import java.util.function.Function;

/**
 * How a search space's architectures are written as genotypes: one chromosome with a gene a choice,
 * in the space's order. Choices of compression are genes of the space like all others. With it, a
 * space can be searched by any operator or engine of Jenetics.
 */
public final class ArchitectureCodec implements InvertibleCodec<Architecture, ChoiceGene> {
  private final SearchSpace space;

  /** The one gene of each choice: [gene][choice]. */
  private final ChoiceGene[][] genes;

  /**
   * @throws IllegalArgumentException if the space has no gene
   */
  public ArchitectureCodec(SearchSpace space) {
    List<Gene> all = space.genes();
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "search space '%s' has no gene: there is nothing to search.".formatted(space.name()));
    }
    this.space = space;
    this.genes =
        all.stream().map(gene -> ChoiceGene.alternatives(gene.size())).toArray(ChoiceGene[][]::new);
  }

  /** A random canonical architecture's genotype, by the random numbers of Jenetics' registry. */
  @Override
  public Factory<Genotype<ChoiceGene>> encoding() {
    return () -> encode(space.sample(RandomRegistry.random()));
  }

  @Override
  public Function<Architecture, Genotype<ChoiceGene>> encoder() {
    return this::encode;
  }

  @Override
  public Function<Genotype<ChoiceGene>, Architecture> decoder() {
    return this::decode;
  }

  @Override
  public Genotype<ChoiceGene> encode(Architecture architecture) {
    MSeq<ChoiceGene> sequence = MSeq.ofLength(genes.length);
    for (int gene = 0; gene < genes.length; gene++) {
      sequence.set(gene, genes[gene][architecture.choice(gene)]);
    }
    return Genotype.of(new ChoiceChromosome(sequence.toISeq()));
  }

  /** The canonical architecture of a genotype. */
  @Override
  public Architecture decode(Genotype<ChoiceGene> genotype) {
    Chromosome<ChoiceGene> chromosome = genotype.chromosome();
    int[] choices = new int[genes.length];
    for (int gene = 0; gene < choices.length; gene++) {
      choices[gene] = chromosome.get(gene).choice();
    }
    return space.canonical(Architecture.of(choices));
  }
}
