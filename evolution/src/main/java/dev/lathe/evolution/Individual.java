package dev.lathe.evolution;

import dev.lathe.evolution.genotype.ChoiceGene;
import dev.lathe.space.Architecture;
import io.jenetics.Genotype;

/**
 * A measured trial as the methods see it.
 *
 * @param trial its number in the order of asking
 * @param metrics in the order of {@link Metrics}
 * @param costs one an objective, less is better
 * @param violation of the constraints in sum; 0 if feasible
 */
record Individual(
    int trial,
    Architecture architecture,
    Genotype<ChoiceGene> genotype,
    double[] metrics,
    double[] costs,
    double violation) {
  boolean feasible() {
    return violation == 0;
  }
}
