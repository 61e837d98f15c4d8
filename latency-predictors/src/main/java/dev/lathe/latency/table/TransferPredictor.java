package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.PriorGrid;
import dev.lathe.latency.table.TransferKnowledge.Regression;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Latency on a new device from a handful of its measurements and {@link TransferKnowledge} of other
 * devices: a Bayesian regression, in spaces of layers blended with one whose costs cannot be
 * negative. The interval is conformal on the error for each sample of a fit to the others.
 */
public final class TransferPredictor implements ArchitectureLatency {
  private static final double FREEDOM = 4;
  private static final double COVERAGE = 0.9;

  private final ToDoubleFunction<Architecture> latency;
  private final double width;

  private TransferPredictor(ToDoubleFunction<Architecture> latency, double width) {
    this.latency = latency;
    this.width = width;
  }

  static TransferPredictor fit(
      TransferFeatures features,
      PositiveCosts positive,
      PriorGrid grid,
      double blend,
      List<MeasuredArchitecture> samples) {
    double[] scores = new double[samples.size()];
    for (int left = 0; left < scores.length; left++) {
      List<MeasuredArchitecture> others = new ArrayList<>(samples);
      MeasuredArchitecture out = others.remove(left);
      double predicted =
          blended(features, positive, grid, blend, others).applyAsDouble(out.architecture());
      scores[left] = Math.abs(predicted - out.millis());
    }
    return new TransferPredictor(
        blended(features, positive, grid, blend, samples), Conformal.bound(scores, COVERAGE));
  }

  private static ToDoubleFunction<Architecture> blended(
      TransferFeatures features,
      PositiveCosts positive,
      PriorGrid grid,
      double blend,
      List<MeasuredArchitecture> samples) {
    Regression regression = Regression.of(features, samples, grid).reweighted(grid, FREEDOM);
    if (blend == 0) {
      return regression::millis;
    }
    PositiveCosts.Fit costs = positive.fit(samples);
    return architecture ->
        (1 - blend) * regression.millis(architecture) + blend * costs.millis(architecture);
  }

  @Override
  public Estimate predict(Architecture architecture) {
    return Estimate.around(latency.applyAsDouble(architecture), width);
  }
}
