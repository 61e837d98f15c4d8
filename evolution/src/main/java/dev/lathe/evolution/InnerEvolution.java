package dev.lathe.evolution;

import dev.lathe.evolution.genotype.ChoiceGene;
import dev.lathe.evolution.genotype.Variation;
import dev.lathe.space.Architecture;
import io.jenetics.Genotype;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** NSGA-II on predictions: finds architectures that the models think well of. */
final class InnerEvolution {
  private static final int POPULATION = 100;
  private static final int GENERATIONS = 15;
  private static final int NEIGHBOURS = 300;

  private final Trials trials;
  private final Models models;
  private final Variation variation;
  private final Variation neighbourhood = Variation.ofOneGene();
  private final Map<Architecture, Individual> predicted = new LinkedHashMap<>();

  InnerEvolution(Trials trials, Models models) {
    this.trials = trials;
    this.models = models;
    this.variation = Variation.of(trials.space(), 0.9, 1);
  }

  /** The most promising architectures not seen so far, at most {@code count}. */
  List<Architecture> promising(List<Individual> measured, int count, RandomGenerator random) {
    CrowdedPopulation known = CrowdedPopulation.survivors(measured, POPULATION);
    List<Individual> start = new ArrayList<>();
    for (Individual individual : known.members()) {
      start.add(predict(individual.architecture()));
    }
    for (int i = 0; i < POPULATION / 4; i++) {
      start.add(predict(trials.space().sample(random)));
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
      Individual parent = known.members().get(random.nextInt(known.members().size()));
      start.add(predict(neighbourhood.child(parent.genotype(), random)));
    }
    CrowdedPopulation population = CrowdedPopulation.survivors(distinct(start), POPULATION);
    for (int generation = 0; generation < GENERATIONS; generation++) {
      List<Individual> next = new ArrayList<>(population.members());
      for (int i = 0; i < POPULATION; i++) {
        next.add(
            predict(variation.child(population.parent(random), population.parent(random), random)));
      }
      population = CrowdedPopulation.survivors(distinct(next), POPULATION);
    }
    List<Individual> unseen = new ArrayList<>();
    for (Individual individual : predicted.values()) {
      if (!trials.seen(individual.architecture())) {
        unseen.add(individual);
      }
    }
    return CrowdedPopulation.survivors(unseen, count).members().stream()
        .map(Individual::architecture)
        .toList();
  }

  private static List<Individual> distinct(List<Individual> individuals) {
    Map<Architecture, Individual> distinct = new LinkedHashMap<>();
    individuals.forEach(individual -> distinct.put(individual.architecture(), individual));
    return new ArrayList<>(distinct.values());
  }

  private Individual predict(Genotype<ChoiceGene> genotype) {
    return predict(trials.codec().decode(genotype));
  }

  private Individual predict(Architecture architecture) {
    return predicted.computeIfAbsent(
        architecture,
        _ -> {
          double[] values = models.predict(models.encode(architecture));
          SearchProblem problem = trials.problem();
          return new Individual(
              predicted.size(),
              architecture,
              trials.codec(),
              values,
              models.metrics().costs(problem, values),
              models.metrics().violation(problem, values));
        });
  }
}
