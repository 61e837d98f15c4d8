package dev.lathe.evolution.genotype;

import io.jenetics.Gene;
import io.jenetics.util.RandomRegistry;
import java.util.random.RandomGenerator;

/**
 * One choice among the alternatives of a gene of a search space. The genes of all its alternatives
 * exist once and know one another: to vary an architecture makes no new genes.
 */
public final class ChoiceGene implements Gene<Integer, ChoiceGene> {
  private final int choice;

  /** The genes of all alternatives, by choice; this one among them. */
  private final ChoiceGene[] alternatives;

  private ChoiceGene(int choice, ChoiceGene[] alternatives) {
    this.choice = choice;
    this.alternatives = alternatives;
  }

  /**
   * The genes of choices 0 to {@code count} − 1.
   *
   * @param count at least 1
   */
  static ChoiceGene[] alternatives(int count) {
    ChoiceGene[] genes = new ChoiceGene[count];
    for (int choice = 0; choice < count; choice++) {
      genes[choice] = new ChoiceGene(choice, genes);
    }
    return genes;
  }

  /** The index of the alternative. */
  public int choice() {
    return choice;
  }

  @Override
  public Integer allele() {
    return choice;
  }

  /** Whether there is another choice. */
  boolean isFree() {
    return alternatives.length > 1;
  }

  /** Another choice of the same gene, each as likely; this one if there is no other. */
  ChoiceGene another(RandomGenerator random) {
    if (!isFree()) {
      return this;
    }
    int other = random.nextInt(alternatives.length - 1);
    return alternatives[other < choice ? other : other + 1];
  }

  /** Any choice of the same gene, each as likely. */
  @Override
  public ChoiceGene newInstance() {
    return alternatives[RandomRegistry.random().nextInt(alternatives.length)];
  }

  /**
   * The gene of another choice.
   *
   * @throws IllegalArgumentException if there is no such alternative
   */
  @Override
  public ChoiceGene newInstance(Integer value) {
    if (value < 0 || value >= alternatives.length) {
      throw new IllegalArgumentException(
          "choice is %d, must be from 0 to %d.".formatted(value, alternatives.length - 1));
    }
    return alternatives[value];
  }

  @Override
  public boolean isValid() {
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ChoiceGene that
        && choice == that.choice
        && alternatives.length == that.alternatives.length;
  }

  @Override
  public int hashCode() {
    return 31 * choice + alternatives.length;
  }

  @Override
  public String toString() {
    return "%d of %d".formatted(choice, alternatives.length);
  }
}
