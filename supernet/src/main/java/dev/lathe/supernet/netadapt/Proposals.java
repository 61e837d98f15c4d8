package dev.lathe.supernet.netadapt;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The ways to make a network faster by changing one gene. */
record Proposals(SearchSpace space, ToDoubleFunction<Architecture> latencyMillis) {
  /** A smaller network, the gene that was changed, and its latency. */
  record Proposal(Architecture architecture, String gene, double millis) {}

  /**
   * For each gene the slowest choice that meets a budget, and is faster than the network; genes
   * that cannot do so alone give none.
   */
  List<Proposal> of(Architecture network, double budgetMillis) {
    List<Proposal> proposals = new ArrayList<>();
    boolean[] active = space.active(network);
    for (int gene = 0; gene < active.length; gene++) {
      if (active[gene]) {
        slowest(network, gene, budgetMillis).ifPresent(proposals::add);
      }
    }
    return proposals;
  }

  private Optional<Proposal> slowest(Architecture network, int index, double budgetMillis) {
    Gene gene = space.genes().get(index);
    Optional<Proposal> best = Optional.empty();
    for (int choice = 0; choice < gene.size(); choice++) {
      Architecture other = space.canonical(network.with(index, choice));
      double millis = latencyMillis.applyAsDouble(other);
      if (choice != network.choice(index)
          && millis <= budgetMillis
          && (best.isEmpty() || millis > best.get().millis())) {
        best = Optional.of(new Proposal(other, gene.name(), millis));
      }
    }
    return best;
  }
}
