package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.RidgeSystem;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.util.Arrays;
import java.util.List;

/**
 * A look-up table: latency is a constant plus a cost for the choice of each gene. Calibrated from
 * latencies of whole networks by least squares, exact where the device is additive.
 */
public final class AdditiveTable implements ArchitectureLatency {
  private static final double COVERAGE = 0.9;

  /** Small enough to be exact to 1e-7 of the costs, large enough to resolve dependent columns. */
  private static final double PENALTY = 1e-7;

  private final RidgeSystem.Fit fit;
  private final GeneEncoding encoding;
  private final double width;

  private AdditiveTable(RidgeSystem.Fit fit, GeneEncoding encoding, double width) {
    this.fit = fit;
    this.encoding = encoding;
    this.width = width;
  }

  /**
   * Calibrates the table.
   *
   * @throws IllegalArgumentException if there are fewer samples than costs to find, which are one
   *     and one less than the choices of each gene
   */
  public static AdditiveTable fit(GeneEncoding encoding, List<MeasuredArchitecture> samples) {
    int unknowns = 1 + encoding.genes().stream().mapToInt(g -> g.choices().size() - 1).sum();
    if (samples.size() < unknowns) {
      throw new IllegalArgumentException(
          "%d measurements cannot determine a look-up table of %d costs. Maybe measure more networks, or use another family."
              .formatted(samples.size(), unknowns));
    }
    double[][] rows =
        samples.stream().map(s -> encoding.oneHot(s.architecture())).toArray(double[][]::new);
    double[] millis = samples.stream().mapToDouble(MeasuredArchitecture::millis).toArray();
    double[] penalties = new double[rows[0].length];
    Arrays.fill(penalties, PENALTY);
    RidgeSystem system = new RidgeSystem(rows);
    double[] errors = system.leaveOneOut(rows, millis, penalties);
    double width = Conformal.bound(Arrays.stream(errors).map(Math::abs).toArray(), COVERAGE);
    return new AdditiveTable(system.fit(millis, penalties), encoding, width);
  }

  /** The cost in milliseconds of a choice, relative to the cheapest of the same gene. */
  public double cost(int gene, int choice) {
    int offset = 0;
    for (int g = 0; g < gene; g++) {
      offset += encoding.genes().get(g).choices().size();
    }
    Gene wanted = encoding.genes().get(gene);
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < wanted.choices().size(); c++) {
      least = Math.min(least, fit.coefficients()[offset + c]);
    }
    return fit.coefficients()[offset + choice] - least;
  }

  @Override
  public Estimate predict(Architecture architecture) {
    double millis = fit.predict(encoding.oneHot(architecture));
    return Estimate.around(millis, width);
  }
}
