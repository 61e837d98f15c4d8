package dev.lathe.evolution;

import dev.lathe.evolution.front.Dominance;
import dev.lathe.evolution.genotype.ChoiceGene;
import dev.lathe.evolution.genotype.Variation;
import io.jenetics.Genotype;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** The proposals of {@link AgingEvolution}. */
final class Aging implements Proposer {
  private static final int ATTEMPTS = 50;

  private final AgingEvolution settings;

  Aging(AgingEvolution settings) {
    this.settings = settings;
  }

  @Override
  public void propose(Trials trials, int count) {
    List<Individual> living = youngest(trials);
    Variation variation = Variation.ofOneGene();
    for (int i = 0; i < count; i++) {
      RandomGenerator random = trials.nextRandom();
      boolean bred =
          trials.size() >= settings.population()
              && !living.isEmpty()
              && breed(trials, living, variation, random);
      if (!bred && !trials.claimFresh(random)) {
        return;
      }
    }
  }

  /** Tries parents until one has a new child; after half of the tries children differ in more. */
  private boolean breed(
      Trials trials, List<Individual> living, Variation variation, RandomGenerator random) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Genotype<ChoiceGene> child = winner(living, random).genotype();
      for (int mutations = 0; mutations <= 2 * attempt / ATTEMPTS; mutations++) {
        child = variation.child(child, random);
      }
      if (trials.claim(trials.codec().decode(child))) {
        return true;
      }
    }
    return false;
  }

  private List<Individual> youngest(Trials trials) {
    List<Individual> living = new ArrayList<>();
    for (int trial = trials.size() - 1;
        trial >= 0 && living.size() < settings.population();
        trial--) {
      Individual individual = trials.individual(trial);
      if (individual != null) {
        living.add(individual);
      }
    }
    Collections.reverse(living);
    return living;
  }

  private Individual winner(List<Individual> living, RandomGenerator random) {
    List<Individual> best = new ArrayList<>();
    for (int i = 0; i < settings.sample(); i++) {
      Individual rival = living.get(random.nextInt(living.size()));
      if (best.stream().noneMatch(winner -> beats(winner, rival))) {
        best.removeIf(winner -> beats(rival, winner));
        best.add(rival);
      }
    }
    return best.get(random.nextInt(best.size()));
  }

  private static boolean beats(Individual one, Individual other) {
    return one.feasible() && other.feasible()
        ? Dominance.dominates(one.costs(), other.costs())
        : one.violation() < other.violation();
  }
}
