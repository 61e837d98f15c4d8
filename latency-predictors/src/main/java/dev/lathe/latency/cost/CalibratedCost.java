package dev.lathe.latency.cost;

import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Kernel;
import dev.lathe.latency.regression.Agreement;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.NonNegativeLeastSquares;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A cost that is a constant plus shares, none negative, of quantities that follow from the graph,
 * fitted to measured networks by relative error. The 90 % interval is a share of the estimate,
 * conformal on the error for each network of fits to others.
 */
public final class CalibratedCost implements CostPredictor {
  /** Fewer measured networks than this tell nothing about the error. */
  public static final int LEAST_SAMPLES = 10;

  private static final int FOLDS = 10;
  private static final double COVERAGE = 0.9;
  private static final double RIDGE = 1e-7;

  private final Cost cost;
  private final double[] shares;
  private final double width;
  private final Agreement heldOut;

  private CalibratedCost(Cost cost, double[] shares, double width, Agreement heldOut) {
    this.cost = cost;
    this.shares = shares;
    this.width = width;
    this.heldOut = heldOut;
  }

  /**
   * A measured network.
   *
   * @param value in the unit of the cost, above 0
   */
  public record Measured(OnnxGraph graph, double value) {
    public Measured {
      if (!(value > 0) || Double.isInfinite(value)) {
        throw new IllegalArgumentException(
            "a measured cost must be above 0 and finite, not %s.".formatted(value));
      }
    }
  }

  /**
   * Calibrates peak memory (by parameters, and by activations alive at once) or energy (by
   * multiply-accumulates, bytes moved and kernels).
   *
   * @param samples at least {@value #LEAST_SAMPLES}, for batch 1
   */
  public static CalibratedCost calibrate(Cost cost, List<Measured> samples) {
    if (samples.size() < LEAST_SAMPLES) {
      throw new IllegalArgumentException(
          "%d measured networks are too few to calibrate %s; it needs at least %d."
              .formatted(samples.size(), cost, LEAST_SAMPLES));
    }
    double[][] rows =
        samples.stream().map(s -> quantities(cost, s.graph, 1)).toArray(double[][]::new);
    double[] values = samples.stream().mapToDouble(Measured::value).toArray();
    double[] predicted = new double[values.length];
    for (int fold = 0; fold < FOLDS; fold++) {
      int left = fold;
      int[] seen = IntStream.range(0, values.length).filter(i -> i % FOLDS != left).toArray();
      double[] fitted =
          fit(
              Arrays.stream(seen).mapToObj(i -> rows[i]).toArray(double[][]::new),
              Arrays.stream(seen).mapToDouble(i -> values[i]).toArray());
      for (int i = fold; i < values.length; i += FOLDS) {
        predicted[i] = dot(fitted, rows[i]);
      }
    }
    double[] scores = new double[values.length];
    Arrays.setAll(scores, i -> Math.abs(values[i] / predicted[i] - 1));
    return new CalibratedCost(
        cost,
        fit(rows, values),
        Conformal.bound(scores, COVERAGE),
        Agreement.of(predicted, values));
  }

  /** What the cost is a weighted sum of; the first is 1. */
  private static double[] quantities(Cost cost, OnnxGraph graph, long batch) {
    return switch (cost) {
      case PEAK_MEMORY_BYTES -> {
        CostReport report = CostReport.of(graph, batch);
        yield new double[] {1, report.parameterBytes(), report.peakActivationBytes()};
      }
      case ENERGY_MILLIJOULES -> {
        List<Kernel> kernels = FusedKernels.of(graph, batch);
        yield new double[] {
          1,
          kernels.stream().mapToDouble(Kernel::macs).sum(),
          kernels.stream().mapToDouble(Kernel::bytes).sum(),
          kernels.size()
        };
      }
      case LATENCY_MILLIS, FILE_BYTES ->
          throw new IllegalArgumentException(
              "%s has a predictor of its own. Maybe CostPredictor.latency or fileSize."
                  .formatted(cost));
    };
  }

  private static double[] fit(double[][] rows, double[] values) {
    int columns = rows[0].length;
    double[] scales = new double[columns];
    List<double[]> relative = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      double[] row = rows[i].clone();
      for (int c = 0; c < columns; c++) {
        row[c] /= values[i];
        scales[c] += row[c] / rows.length;
      }
      relative.add(row);
    }
    for (double[] row : relative) {
      for (int c = 0; c < columns; c++) {
        row[c] = scales[c] > 0 ? row[c] / scales[c] : 0;
      }
    }
    double[] ones = new double[rows.length];
    Arrays.fill(ones, 1);
    double[] shares =
        NonNegativeLeastSquares.solve(relative.toArray(double[][]::new), ones, RIDGE * rows.length);
    for (int c = 0; c < columns; c++) {
      shares[c] = scales[c] > 0 ? shares[c] / scales[c] : 0;
    }
    return shares;
  }

  private static double dot(double[] left, double[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += left[i] * right[i];
    }
    return sum;
  }

  @Override
  public Cost cost() {
    return cost;
  }

  /** How predictions agree with measurements of networks that the fit had not seen. */
  public Agreement heldOut() {
    return heldOut;
  }

  /** Half the interval's width as a share of the estimate. */
  public double relativeWidth() {
    return width;
  }

  /** The constant, then the share of each quantity. */
  public double[] shares() {
    return shares.clone();
  }

  @Override
  public CostEstimate predict(OnnxGraph graph, long batch) {
    double value = dot(shares, quantities(cost, graph, batch));
    return new CostEstimate(cost, value, Math.max(0, value * (1 - width)), value * (1 + width));
  }
}
