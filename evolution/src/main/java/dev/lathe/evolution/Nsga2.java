package dev.lathe.evolution;

/**
 * NSGA-II: survival by non-dominated rank and crowding distance, parents by binary tournament on
 * the same. Deb, Pratap, Agarwal, Meyarivan: A fast and elitist multiobjective genetic algorithm:
 * NSGA-II, 2002, doi:10.1109/4235.996017. Architectures are choices rather than real numbers, so
 * crossover is uniform and mutation draws another choice.
 *
 * @param population survivors of a generation, and children of the next; at least 2
 * @param crossover probability that a child has two parents; the paper's 0.9
 * @param mutations expected number of genes of a child that mutate; the paper's is 1 (one over the
 *     number of genes, for each)
 */
public record Nsga2(int population, double crossover, double mutations) implements SearchMethod {
  public Nsga2 {
    if (population < 2) {
      throw new IllegalArgumentException("population is %d, must be >= 2.".formatted(population));
    }
    if (!(crossover >= 0 && crossover <= 1)) {
      throw new IllegalArgumentException(
          "crossover probability is %s, must be in [0, 1].".formatted(crossover));
    }
    if (!(mutations >= 0)) {
      throw new IllegalArgumentException(
          "expected mutations are %s, must be >= 0.".formatted(mutations));
    }
  }

  /**
   * Crossover as in the paper; a small population and few mutations, for hundreds of evaluations.
   */
  public static Nsga2 standard() {
    return new Nsga2(20, 0.9, 0.5);
  }

  @Override
  public String name() {
    return "nsga2";
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
