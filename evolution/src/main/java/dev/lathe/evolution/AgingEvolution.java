package dev.lathe.evolution;

/**
 * Regularized (aging) evolution: the best of a random sample of the youngest architectures is
 * mutated in one gene; the old die however good they are. Real, Aggarwal, Huang, Le: Regularized
 * Evolution for Image Classifier Architecture Search, 2019, arXiv:1802.01548. With several
 * objectives the winner is a random one among the non-dominated of the sample, as in Liu, Brock,
 * Simonyan, Le: Evolving Normalization-Activation Layers, 2020, arXiv:2004.02967.
 *
 * @param population how many of the youngest live, at least 1
 * @param sample how many of these compete, 1 to {@code population}
 */
public record AgingEvolution(int population, int sample) implements SearchMethod {
  public AgingEvolution {
    if (population < 1) {
      throw new IllegalArgumentException("population is %d, must be >= 1.".formatted(population));
    }
    if (sample < 1 || sample > population) {
      throw new IllegalArgumentException(
          "sample is %d, must be from 1 to the population's %d.".formatted(sample, population));
    }
  }

  /** The paper's population of 100 and sample of 25, for thousands of evaluations. */
  public static AgingEvolution published() {
    return new AgingEvolution(100, 25);
  }

  /** A smaller population for the hundreds of evaluations that a search usually has. */
  public static AgingEvolution standard() {
    return new AgingEvolution(30, 10);
  }

  @Override
  public String name() {
    return "aging";
  }

  @Override
  public int batch() {
    return 1;
  }

  @Override
  public Proposer proposer() {
    return new Aging(this);
  }
}
