package dev.lathe.space;

import java.util.Arrays;

/**
 * A point in a {@link SearchSpace}: for every gene of the space, in the space's order, the index of
 * the chosen alternative. Immutable, with value equality.
 */
public final class Architecture {
  private final int[] choices;

  private Architecture(int[] choices) {
    this.choices = choices;
  }

  /** An architecture with a copy of the given choice indices, one a gene. */
  public static Architecture of(int... choices) {
    return new Architecture(choices.clone());
  }

  /** The number of genes. */
  public int size() {
    return choices.length;
  }

  /** The index of the alternative chosen for gene {@code gene}. */
  public int choice(int gene) {
    return choices[gene];
  }

  /** A copy of all choice indices, in the order of the space's genes. */
  public int[] toArray() {
    return choices.clone();
  }

  /** The same architecture with one gene chosen differently. */
  public Architecture with(int gene, int choice) {
    int[] copy = choices.clone();
    copy[gene] = choice;
    return new Architecture(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Architecture that && Arrays.equals(choices, that.choices);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(choices);
  }

  @Override
  public String toString() {
    return Arrays.toString(choices);
  }
}
