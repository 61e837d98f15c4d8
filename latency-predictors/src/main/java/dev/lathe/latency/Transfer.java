package dev.lathe.latency;

import dev.lathe.latency.regression.Agreement;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.NonNegativeLeastSquares;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A predictor for a new device from about ten measurements and the predictors of other devices: the
 * kernel costs of that device which suits best, times one factor, or one for starting kernels, one
 * for arithmetic and one for memory; corrected by a Gaussian process where that helps. What suits
 * best is chosen by leaving one measurement out in turn. The errors that are reported, and the
 * interval, are of networks that neither fit nor choice have seen (both are repeated without each).
 */
public final class Transfer {
  /** Fewer measurements than this tell nothing about the error. */
  public static final int LEAST_SAMPLES = 8;

  private static final double COVERAGE = 0.9;
  private static final double RIDGE = 1e-4;

  private final List<Way> ways;

  /** Another device and its predictor of the same kind of networks. */
  public record Source(String device, GraphLatencyPredictor predictor) {}

  /** How a model for the new device is made of a source. */
  private record Way(Source source, boolean byParts, boolean corrected) {
    KernelCostModel fit(List<Sample> samples) {
      KernelCostModel known = source.predictor().model();
      KernelCostModel scaled = known.withCosts(costs(known, samples));
      return corrected ? scaled.corrected(samples) : scaled;
    }

    private double[] costs(KernelCostModel known, List<Sample> samples) {
      double[] factors = new double[Part.values().length];
      Arrays.fill(factors, factor(known, samples));
      if (byParts) {
        factors = factors(known, samples);
      }
      double[] costs = known.millisPerUnit().clone();
      for (int f = 0; f < costs.length; f++) {
        costs[f] *= factors[Part.of(known.names().get(f)).ordinal()];
      }
      return costs;
    }

    /** The median of the ratios: a measurement that was disturbed does not move it. */
    private static double factor(KernelCostModel known, List<Sample> samples) {
      return DeviceSpeed.median(
          samples.stream()
              .mapToDouble(sample -> sample.millis() / known.millis(sample.features()))
              .toArray());
    }

    private static double[] factors(KernelCostModel known, List<Sample> samples) {
      List<KernelCostModel> parts =
          Arrays.stream(Part.values()).map(part -> only(known, part)).toList();
      double[][] shares = new double[samples.size()][parts.size()];
      double[] ones = new double[samples.size()];
      Arrays.fill(ones, 1);
      double[] scales = new double[parts.size()];
      for (int i = 0; i < samples.size(); i++) {
        for (int p = 0; p < parts.size(); p++) {
          Sample sample = samples.get(i);
          shares[i][p] = parts.get(p).millis(sample.features()) / sample.millis();
          scales[p] += shares[i][p] / samples.size();
        }
      }
      for (double[] row : shares) {
        for (int p = 0; p < row.length; p++) {
          row[p] /= scales[p];
        }
      }
      double[] factors = NonNegativeLeastSquares.solve(shares, ones, RIDGE * samples.size());
      for (int p = 0; p < factors.length; p++) {
        factors[p] /= scales[p];
      }
      return factors;
    }

    private static KernelCostModel only(KernelCostModel known, Part part) {
      double[] costs = known.millisPerUnit().clone();
      for (int f = 0; f < costs.length; f++) {
        costs[f] = Part.of(known.names().get(f)) == part ? costs[f] : 0;
      }
      return known.withCosts(costs);
    }

    String described() {
      return "costs of '%s', %s%s"
          .formatted(
              source.device(),
              byParts ? "one factor each for starts, arithmetic and memory" : "one factor",
              corrected ? ", and Gaussian process" : "");
    }
  }

  /** What a cost is of. */
  private enum Part {
    START,
    ARITHMETIC,
    MEMORY;

    static Part of(String feature) {
      String quantity = feature.substring(feature.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      return switch (quantity) {
        case "count", "raggedinputs", "raggedoutputs" -> START;
        case "macs", "taps", "blocks", "tiles" -> ARITHMETIC;
        default -> MEMORY;
      };
    }
  }

  /**
   * Transfers from devices.
   *
   * @param sources at least one
   */
  public Transfer(List<Source> sources) {
    this.ways =
        sources.stream()
            .flatMap(
                source ->
                    List.of(
                        new Way(source, false, false),
                        new Way(source, true, false),
                        new Way(source, false, true),
                        new Way(source, true, true))
                        .stream())
            .toList();
    if (ways.isEmpty()) {
      throw new IllegalArgumentException("a transfer needs a device to transfer from.");
    }
  }

  /**
   * Fits a predictor and reports its error on networks that it has not seen.
   *
   * @param samples at least {@value #LEAST_SAMPLES} measured networks
   * @throws PredictorRefusedException if it ranks held-out networks worse than Spearman {@value
   *     CalibrationReport#LEAST_SPEARMAN}
   * @throws IllegalArgumentException if there are too few samples
   */
  public Calibration calibrate(List<Sample> samples) {
    Calibration calibration = fit(samples);
    if (!(calibration.report().spearman() >= CalibrationReport.LEAST_SPEARMAN)) {
      throw new PredictorRefusedException(calibration.report());
    }
    return calibration;
  }

  /** As {@link #calibrate}, whatever the error. */
  public Calibration fit(List<Sample> samples) {
    if (samples.size() < LEAST_SAMPLES) {
      throw new IllegalArgumentException(
          "%d measurements are too few to transfer a predictor; it needs at least %d."
              .formatted(samples.size(), LEAST_SAMPLES));
    }
    int n = samples.size();
    double[] measured = samples.stream().mapToDouble(Sample::millis).toArray();
    double[] predicted = new double[n];
    double[] scores = new double[n];
    for (int i = 0; i < n; i++) {
      List<Sample> others = without(samples, i);
      predicted[i] = best(others).fit(others).millis(samples.get(i).features());
      scores[i] = Math.abs(Math.log(predicted[i] / measured[i]));
    }
    Way way = best(samples);
    double logWidth = Conformal.bound(scores, COVERAGE);
    Agreement agreement = Agreement.of(predicted, measured);
    return new Calibration(
        new GraphLatencyPredictor(way.fit(samples), logWidth),
        new CalibrationReport(
            way.described(),
            n,
            n,
            agreement.spearman(),
            agreement.kendall(),
            agreement.mape(),
            agreement.within10(),
            coverage(scores),
            2 * Math.sinh(logWidth)));
  }

  /** The way with the least mean error on samples left out in turn; of equals the simplest. */
  private Way best(List<Sample> samples) {
    record Judged(Way way, double error) {}
    return ways.stream()
        .map(way -> new Judged(way, error(way, samples)))
        .min(Comparator.comparingDouble(Judged::error))
        .orElseThrow()
        .way();
  }

  private static double error(Way way, List<Sample> samples) {
    double sum = 0;
    for (int i = 0; i < samples.size(); i++) {
      Sample out = samples.get(i);
      double millis = way.fit(without(samples, i)).millis(out.features());
      sum += Math.abs(Math.log(millis / out.millis()));
    }
    return sum;
  }

  private static List<Sample> without(List<Sample> samples, int index) {
    List<Sample> others = new ArrayList<>(samples);
    Sample unused = others.remove(index);
    return others;
  }

  /** Share of scores within the bound of the others. */
  private static double coverage(double[] scores) {
    int covered = 0;
    for (int i = 0; i < scores.length; i++) {
      double[] others = new double[scores.length - 1];
      System.arraycopy(scores, 0, others, 0, i);
      System.arraycopy(scores, i + 1, others, i, others.length - i);
      covered += scores[i] <= Conformal.bound(others, COVERAGE) ? 1 : 0;
    }
    return (double) covered / scores.length;
  }
}
