package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.PriorGrid;
import dev.lathe.latency.table.TransferKnowledge.Regression;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;

/**
 * Latency on a new device from a handful of its measurements and {@link TransferKnowledge} of other
 * devices. The interval is conformal on the errors for each sample of a fit to the others.
 */
public final class TransferPredictor implements ArchitectureLatency {
  private static final double FREEDOM = 4;
  private static final double COVERAGE = 0.9;

  private final Regression regression;
  private final double width;

  private TransferPredictor(Regression regression, double width) {
    this.regression = regression;
    this.width = width;
  }

  static TransferPredictor fit(
      TransferFeatures features, PriorGrid grid, List<MeasuredArchitecture> samples) {
    double[] scores = new double[samples.size()];
    for (int left = 0; left < scores.length; left++) {
      List<MeasuredArchitecture> others = new ArrayList<>(samples);
      MeasuredArchitecture out = others.remove(left);
      double predicted = regression(features, grid, others).millis(out.architecture());
      scores[left] = Math.abs(predicted - out.millis());
    }
    return new TransferPredictor(
        regression(features, grid, samples), Conformal.bound(scores, COVERAGE));
  }

  private static Regression regression(
      TransferFeatures features, PriorGrid grid, List<MeasuredArchitecture> samples) {
    return Regression.of(features, samples, grid).reweighted(grid, FREEDOM);
  }

  @Override
  public Estimate predict(Architecture architecture) {
    double millis = regression.millis(architecture);
    return Estimate.around(millis, width);
  }
}
