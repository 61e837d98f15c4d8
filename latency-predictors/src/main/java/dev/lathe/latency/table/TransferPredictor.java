package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.PriorGrid;
import dev.lathe.latency.table.TransferKnowledge.Regression;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Latency on a new device from a handful of its measurements and {@link TransferKnowledge} of other
 * devices: a Bayesian regression; in spaces of layers the mean of it and of {@link BlockCosts}.
 * Each is fitted to all samples but one in turn: the mean is weighted by one over the squared
 * errors for those left out, and the interval is conformal on its errors.
 */
public final class TransferPredictor implements ArchitectureLatency {
  private static final double FREEDOM = 4;
  private static final double COVERAGE = 0.9;
  private static final double LEAST_SQUARE = 1e-12;

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
    List<Fit> fits = new ArrayList<>();
    fits.add(seen -> Regression.of(features, seen, grid).reweighted(grid, FREEDOM)::millis);
    blocks.ifPresent(costs -> fits.add(seen -> costs.fit(seen)::millis));

    double[][] errors = fits.stream().map(fit -> leftOut(fit, samples)).toArray(double[][]::new);
    double[] shares = shares(errors);
    double[] scores = new double[samples.size()];
    for (int i = 0; i < scores.length; i++) {
      double error = 0;
      for (int f = 0; f < shares.length; f++) {
        error += shares[f] * errors[f][i];
      }
      scores[i] = Math.abs(error);
    }
    List<ToDoubleFunction<Architecture>> fitted =
        fits.stream().map(fit -> fit.of(samples)).toList();
    return new TransferPredictor(
        architecture -> {
          double millis = 0;
          for (int f = 0; f < shares.length; f++) {
            millis += shares[f] * fitted.get(f).applyAsDouble(architecture);
          }
          return millis;
        },
        Conformal.bound(scores, COVERAGE));
  }

  /** A way to predict, from samples. */
  private interface Fit {
    ToDoubleFunction<Architecture> of(List<MeasuredArchitecture> samples);
  }

  /** The error for each sample of a fit to the others. */
  private static double[] leftOut(Fit fit, List<MeasuredArchitecture> samples) {
    double[] errors = new double[samples.size()];
    for (int left = 0; left < errors.length; left++) {
      List<MeasuredArchitecture> others = new ArrayList<>(samples);
      MeasuredArchitecture out = others.remove(left);
      errors[left] = fit.of(others).applyAsDouble(out.architecture()) - out.millis();
    }
    return errors;
  }

  /** Shares of the fits, in proportion to one over the sum of these errors' squares. */
  private static double[] shares(double[][] errors) {
    double[] shares =
        Arrays.stream(errors)
            .mapToDouble(ofFit -> 1 / (Arrays.stream(ofFit).map(e -> e * e).sum() + LEAST_SQUARE))
            .toArray();
    double sum = Arrays.stream(shares).sum();
    return Arrays.stream(shares).map(share -> share / sum).toArray();
  }

  @Override
  public Estimate predict(Architecture architecture) {
    return Estimate.around(latency.applyAsDouble(architecture), width);
  }
}
