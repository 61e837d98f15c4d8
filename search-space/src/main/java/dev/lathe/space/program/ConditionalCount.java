package dev.lathe.space.program;

import dev.lathe.space.Gene;
import dev.lathe.space.program.Trace.Condition;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The number of ways to choose for genes of which some are asked for only under choices of others.
 * Genes that have nothing to do with one another multiply; a gene on which others depend is summed
 * over.
 */
final class ConditionalCount {
  private final Map<String, Integer> sizes = new HashMap<>();
  private final Map<String, List<Condition>> conditions;

  ConditionalCount(List<Gene> genes, Map<String, List<Condition>> conditions) {
    genes.forEach(gene -> sizes.put(gene.name(), gene.size()));
    this.conditions = conditions;
  }

  BigInteger of(Set<String> genes) {
    BigInteger product = BigInteger.ONE;
    for (Set<String> part : parts(genes)) {
      product = product.multiply(part(part));
    }
    return product;
  }

  private List<Condition> conditions(String gene, Set<String> among) {
    return conditions.getOrDefault(gene, List.of()).stream()
        .filter(condition -> among.contains(condition.gene()))
        .toList();
  }

  /** Genes that depend on one another, directly or through others. */
  private List<Set<String>> parts(Set<String> genes) {
    Map<String, Set<String>> partOf = new LinkedHashMap<>();
    genes.forEach(gene -> partOf.put(gene, new LinkedHashSet<>(Set.of(gene))));
    for (String gene : genes) {
      for (Condition condition : conditions(gene, genes)) {
        Set<String> one = partOf.get(gene);
        Set<String> other = partOf.get(condition.gene());
        if (one != other) {
          one.addAll(other);
          other.forEach(member -> partOf.put(member, one));
        }
      }
    }
    Set<Set<String>> distinct =
        java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
    distinct.addAll(partOf.values());
    return new ArrayList<>(distinct);
  }

  private BigInteger part(Set<String> genes) {
    if (genes.size() == 1) {
      return BigInteger.valueOf(sizes.get(genes.iterator().next()));
    }
    String root =
        genes.stream()
            .filter(gene -> conditions(gene, genes).isEmpty())
            .max(Comparator.comparingLong(gene -> dependents(gene, genes)))
            .orElseThrow();
    Map<Set<String>, Integer> ways = new LinkedHashMap<>();
    for (int choice = 0; choice < sizes.get(root); choice++) {
      ways.merge(left(genes, root, choice), 1, Integer::sum);
    }
    BigInteger sum = BigInteger.ZERO;
    for (Map.Entry<Set<String>, Integer> way : ways.entrySet()) {
      sum = sum.add(of(way.getKey()).multiply(BigInteger.valueOf(way.getValue())));
    }
    return sum;
  }

  private long dependents(String gene, Set<String> genes) {
    return genes.stream()
        .filter(other -> conditions(other, genes).stream().anyMatch(c -> c.gene().equals(gene)))
        .count();
  }

  /** The genes that are still asked for once one is chosen. */
  private Set<String> left(Set<String> genes, String root, int choice) {
    Set<String> gone = new HashSet<>();
    boolean changed = true;
    while (changed) {
      changed = false;
      for (String gene : genes) {
        boolean fails =
            conditions(gene, genes).stream()
                .anyMatch(
                    condition ->
                        gone.contains(condition.gene())
                            || condition.gene().equals(root)
                                && !condition.choices().contains(choice));
        changed |= fails && gone.add(gene);
      }
    }
    Set<String> left = new LinkedHashSet<>(genes);
    left.remove(root);
    left.removeAll(gone);
    return left;
  }
}
