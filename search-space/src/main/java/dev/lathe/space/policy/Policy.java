package dev.lathe.space.policy;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * What is decided beside an architecture.
 *
 * @param genes the choices; the first choice of a gene stands where it has no effect
 * @param effective the names of the genes that have an effect on a canonical architecture: it has
 *     the part that they are about (a layer within its depth, an edge that computes)
 */
public record Policy(List<Gene> genes, Function<Architecture, Set<String>> effective) {
  public Policy {
    genes = List.copyOf(genes);
  }
}
