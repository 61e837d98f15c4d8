package dev.lathe.space;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A finite set of architectures, described by genes. Some genes may have no effect under some
 * choices of others (the kernel of a block that a smaller depth leaves out): {@link #canonical}
 * maps all spellings of one network to a single architecture, so that nothing is evaluated twice.
 */
public interface SearchSpace {
  /** A short name, for people. */
  String name();

  /** The free choices, in the order in which architectures store them. */
  List<Gene> genes();

  /**
   * Which genes have an effect in {@code architecture}, one flag a gene. By default all.
   *
   * @throws IllegalArgumentException if the architecture does not belong to this space
   */
  default boolean[] active(Architecture architecture) {
    check(architecture);
    boolean[] all = new boolean[genes().size()];
    java.util.Arrays.fill(all, true);
    return all;
  }

  /** The architecture with every gene that has no effect set to its first choice. */
  default Architecture canonical(Architecture architecture) {
    boolean[] active = active(architecture);
    int[] choices = architecture.toArray();
    for (int i = 0; i < choices.length; i++) {
      if (!active[i]) {
        choices[i] = 0;
      }
    }
    return Architecture.of(choices);
  }

  /** The number of different networks, that is of canonical architectures. */
  default BigInteger size() {
    return genes().stream()
        .map(gene -> BigInteger.valueOf(gene.size()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /**
   * Every canonical architecture once, always in the same order; empty if there are too many to
   * list (more than 2^22 ways to choose for the genes).
   */
  default Optional<Stream<Architecture>> all() {
    return Spellings.canonical(this);
  }

  /** A canonical architecture with each gene drawn uniformly. */
  default Architecture sample(RandomGenerator random) {
    List<Gene> genes = genes();
    int[] choices = new int[genes.size()];
    for (int i = 0; i < choices.length; i++) {
      choices[i] = random.nextInt(genes.get(i).size());
    }
    return canonical(Architecture.of(choices));
  }

  /** The architecture's choices by gene name, for people and files; inactive genes left out. */
  default Map<String, String> describe(Architecture architecture) {
    boolean[] active = active(architecture);
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < active.length; i++) {
      if (active[i]) {
        Gene gene = genes().get(i);
        labels.put(gene.name(), gene.choices().get(architecture.choice(i)));
      }
    }
    return labels;
  }

  /**
   * The architecture that {@link #describe} describes so; genes left out take their first choice.
   *
   * @throws IllegalArgumentException naming the gene and label that this space does not know
   */
  default Architecture parse(Map<String, String> labels) {
    List<Gene> genes = genes();
    int[] choices = new int[genes.size()];
    Map<String, Integer> index = new LinkedHashMap<>();
    for (int i = 0; i < choices.length; i++) {
      index.put(genes.get(i).name(), i);
    }
    labels.forEach(
        (name, label) -> {
          Integer gene = index.get(name);
          if (gene == null) {
            throw new IllegalArgumentException(
                "search space '%s' has no gene '%s'. Maybe the architecture belongs to another space."
                    .formatted(name(), name));
          }
          int choice = genes.get(gene).choices().indexOf(label);
          if (choice < 0) {
            throw new IllegalArgumentException(
                "gene '%s' has no choice '%s', only %s."
                    .formatted(name, label, genes.get(gene).choices()));
          }
          choices[gene] = choice;
        });
    return canonical(Architecture.of(choices));
  }

  /**
   * Fails unless the architecture has one valid choice for each gene of this space.
   *
   * @throws IllegalArgumentException naming the gene and the choice that is wrong
   */
  default void check(Architecture architecture) {
    List<Gene> genes = genes();
    if (architecture.size() != genes.size()) {
      throw new IllegalArgumentException(
          "architecture has %d genes, search space '%s' has %d."
              .formatted(architecture.size(), name(), genes.size()));
    }
    for (int i = 0; i < genes.size(); i++) {
      int choice = architecture.choice(i);
      if (choice < 0 || choice >= genes.get(i).size()) {
        throw new IllegalArgumentException(
            "gene '%s' has choices 0 to %d, not %d."
                .formatted(genes.get(i).name(), genes.get(i).size() - 1, choice));
      }
    }
  }
}
