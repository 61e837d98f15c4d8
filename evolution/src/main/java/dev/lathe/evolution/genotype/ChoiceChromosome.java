package dev.lathe.evolution.genotype;

import io.jenetics.AbstractChromosome;
import io.jenetics.util.ISeq;

/** The choices of an architecture, one gene each; the genes may have different alternatives. */
public final class ChoiceChromosome extends AbstractChromosome<ChoiceGene> {
  ChoiceChromosome(ISeq<ChoiceGene> genes) {
    super(genes);
  }

  @Override
  public ChoiceChromosome newInstance(ISeq<ChoiceGene> genes) {
    return new ChoiceChromosome(genes);
  }

  /** Any choice for each gene. */
  @Override
  public ChoiceChromosome newInstance() {
    return new ChoiceChromosome(_genes.map(ChoiceGene::newInstance));
  }
}
