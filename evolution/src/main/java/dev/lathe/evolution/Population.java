package dev.lathe.evolution;

import dev.lathe.evolution.genotype.ChoiceGene;
import io.jenetics.Genotype;
import java.util.List;
import java.util.random.RandomGenerator;

/** The survivors of a generation, who are the parents of the next. */
interface Population {
  /** At least one. */
  List<Individual> members();

  /** A parent that won its tournament. */
  Genotype<ChoiceGene> parent(RandomGenerator random);

  /** How a generation's parents and children become the next generation's parents. */
  interface Survival {
    /**
     * @param candidates at least one
     * @param size how many survive at most
     */
    Population survivors(List<Individual> candidates, int size);
  }
}
