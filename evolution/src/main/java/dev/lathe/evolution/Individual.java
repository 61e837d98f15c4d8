package dev.lathe.evolution;

import dev.lathe.evolution.genotype.ArchitectureCodec;
import dev.lathe.evolution.genotype.ChoiceGene;
import dev.lathe.space.Architecture;
import io.jenetics.Genotype;
import org.jspecify.annotations.Nullable;

/** A measured trial as the methods see it. */
final class Individual {
  private final int trial;
  private final Architecture architecture;
  private final ArchitectureCodec codec;
  private final double[] metrics;
  private final double[] costs;
  private final double violation;

  /** Made when first asked for: most individuals never become parents. */
  private @Nullable Genotype<ChoiceGene> genotype;

  /**
   * @param trial its number in the order of asking
   * @param metrics in the order of {@link Metrics}
   * @param costs one an objective, less is better
   * @param violation of the constraints in sum; 0 if feasible
   */
  Individual(
      int trial,
      Architecture architecture,
      ArchitectureCodec codec,
      double[] metrics,
      double[] costs,
      double violation) {
    this.trial = trial;
    this.architecture = architecture;
    this.codec = codec;
    this.metrics = metrics;
    this.costs = costs;
    this.violation = violation;
  }

  int trial() {
    return trial;
  }

  Architecture architecture() {
    return architecture;
  }

  Genotype<ChoiceGene> genotype() {
    Genotype<ChoiceGene> made = genotype;
    if (made == null) {
      made = codec.encode(architecture);
      genotype = made;
    }
    return made;
  }

  double[] metrics() {
    return metrics;
  }

  double[] costs() {
    return costs;
  }

  double violation() {
    return violation;
  }

  boolean feasible() {
    return violation == 0;
  }
}
