package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.PriorGrid;
import dev.lathe.latency.table.TransferKnowledge.Regression;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Latency on a new device from a handful of its measurements and {@link TransferKnowledge} of other
 * devices: a Bayesian regression; in spaces of layers the mean of it and of {@link BlockCosts},
 * weighted by how well each explains the samples. The interval is conformal on the error for each
 * sample of a fit to the others.
 */
public final class TransferPredictor implements ArchitectureLatency {
  private static final double FREEDOM = 4;
  private static final double COVERAGE = 0.9;

  /** Candidates of the block costs for the fits that only tell the error. */
  private static final int FEW = 4;

  private final ToDoubleFunction<Architecture> latency;
  private final double width;

  private TransferPredictor(ToDoubleFunction<Architecture> latency, double width) {
    this.latency = latency;
    this.width = width;
  }

  static TransferPredictor fit(
      TransferFeatures features,
      PriorGrid grid,
      Optional<BlockCosts> blocks,
      List<MeasuredArchitecture> samples) {
    Optional<BlockCosts> narrowed = blocks.map(costs -> costs.narrowed(samples, FEW));
    double[] scores = new double[samples.size()];
    for (int left = 0; left < scores.length; left++) {
      List<MeasuredArchitecture> others = new ArrayList<>(samples);
      MeasuredArchitecture out = others.remove(left);
      double predicted =
          latency(features, grid, narrowed, others).applyAsDouble(out.architecture());
      scores[left] = Math.abs(predicted - out.millis());
    }
    return new TransferPredictor(
        latency(features, grid, blocks, samples), Conformal.bound(scores, COVERAGE));
  }

  private static ToDoubleFunction<Architecture> latency(
      TransferFeatures features,
      PriorGrid grid,
      Optional<BlockCosts> blocks,
      List<MeasuredArchitecture> samples) {
    Regression plain = Regression.of(features, samples, grid);
    Regression regression = plain.reweighted(grid, FREEDOM);
    if (blocks.isEmpty()) {
      return regression::millis;
    }
    BlockCosts.Fit costs = blocks.get().fit(samples);
    double share = 1 / (1 + Math.exp(plain.solution().logEvidenceOfAll() - costs.logEvidence()));
    return architecture ->
        (1 - share) * regression.millis(architecture) + share * costs.millis(architecture);
  }

  @Override
  public Estimate predict(Architecture architecture) {
    return Estimate.around(latency.applyAsDouble(architecture), width);
  }
}
