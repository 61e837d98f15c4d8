package dev.lathe.evolution;

/**
 * U-NSGA-III, for three and more objectives: survivors of the last front that fits in part are
 * spread over reference directions, and a tournament is held only between rivals of one direction.
 * Seada, Deb: A Unified Evolutionary Optimization Procedure for Single, Multiple, and Many
 * Objectives, 2016, doi:10.1109/TEVC.2015.2459718, on Deb, Jain: An Evolutionary Many-Objective
 * Optimization Algorithm Using Reference-Point-Based Nondominated Sorting Approach, 2014,
 * doi:10.1109/TEVC.2013.2281535. The directions are the largest simplex lattice of Das and Dennis
 * with at most {@code population} points.
 *
 * @param population survivors of a generation, and children of the next; at least 2
 * @param crossover probability that a child has two parents
 * @param mutations expected number of genes of a child that mutate
 */
public record UNsga3(int population, double crossover, double mutations) implements SearchMethod {
  public UNsga3 {
    // The same limits, with the same messages.
    new Nsga2(population, crossover, mutations);
  }

  /** The paper's crossover of 1, and the small population and few mutations of {@link Nsga2}. */
  public static UNsga3 standard() {
    return new UNsga3(28, 1, 0.5);
  }

  @Override
  public String name() {
    return "unsga3";
  }

  @Override
  public int batch() {
    return population;
  }

  @Override
  public Proposer proposer() {
    return new Generations(this);
  }
}
