package dev.lathe.latency.lookup;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.table.ArchitectureLatency;
import dev.lathe.latency.table.MeasuredArchitecture;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A predictor from a recorded table: what the table sums up to, by a factor and an addition that a
 * few measured networks tell, since no device is quite the one on which the table was made and a
 * network is not quite the sum of its operators. The fit is of least relative error; the interval,
 * a share of the estimate, is conformal on the error for each network of a fit to the others.
 */
public final class RecordedSum implements ArchitectureLatency {
  /** Fewer measured networks than this tell nothing about the error. */
  public static final int LEAST_SAMPLES = 5;

  private static final double COVERAGE = 0.9;

  private final ToDoubleFunction<Architecture> sum;
  private final Line line;
  private final double width;

  private RecordedSum(ToDoubleFunction<Architecture> sum, Line line, double width) {
    this.sum = sum;
    this.line = line;
    this.width = width;
  }

  /**
   * Calibrates a table.
   *
   * @param sum what the table says of a network, in milliseconds, above 0
   * @param samples measured networks, at least {@value #LEAST_SAMPLES}
   */
  public static RecordedSum calibrate(
      ToDoubleFunction<Architecture> sum, List<MeasuredArchitecture> samples) {
    if (samples.size() < LEAST_SAMPLES) {
      throw new IllegalArgumentException(
          "%d measured networks cannot tell how far a recorded table is from the device; it needs at least %d."
              .formatted(samples.size(), LEAST_SAMPLES));
    }
    List<Point> points =
        samples.stream()
            .map(s -> new Point(sum.applyAsDouble(s.architecture()), s.millis()))
            .toList();
    double[] scores = new double[points.size()];
    for (int left = 0; left < scores.length; left++) {
      List<Point> others = new ArrayList<>(points);
      Point out = others.remove(left);
      double predicted = Line.through(others).at(out.sum);
      scores[left] = Math.abs(out.millis / predicted - 1);
    }
    return new RecordedSum(sum, Line.through(points), Conformal.bound(scores, COVERAGE));
  }

  private record Point(double sum, double millis) {}

  /** millis = rest + factor · sum, the factor not below 0. */
  private record Line(double rest, double factor) {
    /** Weights are one over the latency squared, so that relative errors count. */
    static Line through(List<Point> points) {
      double weights = 0;
      double sums = 0;
      double latencies = 0;
      for (Point point : points) {
        double weight = 1 / (point.millis * point.millis);
        weights += weight;
        sums += weight * point.sum;
        latencies += weight * point.millis;
      }
      double meanSum = sums / weights;
      double meanMillis = latencies / weights;
      double products = 0;
      double squares = 0;
      for (Point point : points) {
        double weight = 1 / (point.millis * point.millis);
        products += weight * (point.sum - meanSum) * (point.millis - meanMillis);
        squares += weight * (point.sum - meanSum) * (point.sum - meanSum);
      }
      double factor = squares > 0 ? Math.max(0, products / squares) : 0;
      return new Line(meanMillis - factor * meanSum, factor);
    }

    double at(double sum) {
      return rest + factor * sum;
    }
  }

  /** By how much the device's latency grows for each millisecond of the table. */
  public double factor() {
    return line.factor;
  }

  /** What the device takes besides, in milliseconds; may be negative. */
  public double restMillis() {
    return line.rest;
  }

  @Override
  public Estimate predict(Architecture architecture) {
    double millis = Math.max(0, line.at(sum.applyAsDouble(architecture)));
    return Estimate.around(millis, width * millis);
  }
}
