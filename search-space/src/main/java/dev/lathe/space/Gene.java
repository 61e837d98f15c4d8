package dev.lathe.space;

import java.util.List;

/**
 * One free choice of a search space.
 *
 * @param name what is chosen, unique within its space, for example {@code stage2.block1.kernel}
 * @param choices the labels of the alternatives, in order; an architecture stores an index into
 *     them
 */
public record Gene(String name, List<String> choices) {
  public Gene {
    choices = List.copyOf(choices);
    if (choices.isEmpty()) {
      throw new IllegalArgumentException(
          "gene '%s' has no choices. Maybe remove the gene, or list at least one choice."
              .formatted(name));
    }
  }

  /** The number of alternatives, at least 1. */
  public int size() {
    return choices.size();
  }
}
