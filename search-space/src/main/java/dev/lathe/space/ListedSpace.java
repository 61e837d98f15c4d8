package dev.lathe.space;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A space that is its genes and nothing more: what they mean is known to whoever evaluates.
 *
 * @param genes at least one, with different names
 */
public record ListedSpace(String name, List<Gene> genes) implements SearchSpace {
  public ListedSpace {
    genes = List.copyOf(genes);
    if (genes.isEmpty()) {
      throw new IllegalArgumentException("space '%s' has no genes.".formatted(name));
    }
    Set<String> names = new HashSet<>();
    for (Gene gene : genes) {
      if (!names.add(gene.name())) {
        throw new IllegalArgumentException(
            "space '%s' has gene '%s' twice.".formatted(name, gene.name()));
      }
    }
  }
}
