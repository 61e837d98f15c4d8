package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * NSGA-II's generations as a fold over the trials: generation g is trials g·P to (g+1)·P − 1, and
 * survives once all of these are told.
 */
final class Generations implements Proposer {
  private static final int ATTEMPTS = 50;

  private final Nsga2 settings;
  private @Nullable Variation variation;
  private Population population = Population.empty();
  private int folded;

  Generations(Nsga2 settings) {
    this.settings = settings;
  }

  @Override
  public void propose(Trials trials, int count) {
    fold(trials);
    if (variation == null) {
      variation = new Variation(trials.space(), settings.crossover(), settings.mutations());
    }
    for (int i = 0; i < count; i++) {
      if (!propose(trials, variation)) {
        return;
      }
    }
  }

  private boolean propose(Trials trials, Variation breeding) {
    RandomGenerator random = trials.nextRandom();
    if (trials.size() >= settings.population() && population.size() > 0) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        int[] child = breeding.child(population.parent(random), population.parent(random), random);
        if (trials.claim(trials.space().canonical(Architecture.of(child)))) {
          return true;
        }
      }
    }
    return trials.claimFresh(random);
  }

  private void fold(Trials trials) {
    int size = settings.population();
    while (folded + size <= trials.size()) {
      List<Individual> candidates = new ArrayList<>(population.members());
      for (int trial = folded; trial < folded + size; trial++) {
        if (trials.result(trial) == null) {
          return;
        }
        Individual individual = trials.individual(trial);
        if (individual != null) {
          candidates.add(individual);
        }
      }
      population = Population.survivors(candidates, size);
      folded += size;
    }
  }
}
