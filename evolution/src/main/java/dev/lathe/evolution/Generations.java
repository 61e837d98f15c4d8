package dev.lathe.evolution;

import dev.lathe.evolution.genotype.Variation;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The generations of NSGA-II and U-NSGA-III as a fold over the trials: generation g is trials g·P
 * to (g+1)·P − 1, and survives once all of these are told.
 */
final class Generations implements Proposer {
  private static final int ATTEMPTS = 50;

  private final int size;
  private final double crossover;
  private final double mutations;
  private final Population.Survival survival;
  private @Nullable Variation variation;
  private @Nullable Population population;
  private int folded;

  Generations(Nsga2 settings) {
    this(
        settings.population(),
        settings.crossover(),
        settings.mutations(),
        CrowdedPopulation::survivors);
  }

  Generations(UNsga3 settings) {
    this(
        settings.population(),
        settings.crossover(),
        settings.mutations(),
        NichedPopulation::survivors);
  }

  private Generations(int size, double crossover, double mutations, Population.Survival survival) {
    this.size = size;
    this.crossover = crossover;
    this.mutations = mutations;
    this.survival = survival;
  }

  @Override
  public void propose(Trials trials, int count) {
    fold(trials);
    if (variation == null) {
      variation = Variation.of(trials.space(), crossover, mutations);
    }
    for (int i = 0; i < count; i++) {
      if (!propose(trials, variation)) {
        return;
      }
    }
  }

  private boolean propose(Trials trials, Variation breeding) {
    RandomGenerator random = trials.nextRandom();
    Population parents = population;
    if (parents != null && trials.size() >= size) {
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        Architecture child =
            trials
                .codec()
                .decode(breeding.child(parents.parent(random), parents.parent(random), random));
        if (trials.claim(child)) {
          return true;
        }
      }
    }
    return trials.claimFresh(random);
  }

  private void fold(Trials trials) {
    while (folded + size <= trials.size()) {
      List<Individual> candidates =
          population == null ? new ArrayList<>() : new ArrayList<>(population.members());
      for (int trial = folded; trial < folded + size; trial++) {
        if (trials.result(trial) == null) {
          return;
        }
        Individual individual = trials.individual(trial);
        if (individual != null) {
          candidates.add(individual);
        }
      }
      if (!candidates.isEmpty()) {
        population = survival.survivors(candidates, size);
      }
      folded += size;
    }
  }
}
