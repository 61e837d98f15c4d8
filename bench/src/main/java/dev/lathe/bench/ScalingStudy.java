package dev.lathe.bench;

import dev.lathe.latency.regression.Agreement;
import dev.lathe.latency.regression.NonNegativeLeastSquares;
import dev.lathe.latency.regression.RankCorrelation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * How far the cost of a network says what it takes on a processor: its multiply-accumulates, the
 * elements of its convolutions' outputs ("activations"), or both. Dollár, Singh, Girshick: Fast and
 * Accurate Model Scaling, 2021, arXiv 2103.06877, hold that run time follows the activations.
 */
final class ScalingStudy {
  private static final int FOLDS = 10;
  private static final double RIDGE = 1e-9;

  private ScalingStudy() {}

  /**
   * A network.
   *
   * @param macs multiply-accumulates, above 0
   * @param activations elements, above 0
   * @param parameters above 0
   * @param millis an image, above 0
   */
  record Network(double macs, double activations, double parameters, double millis) {}

  /** What a network's time is told by. */
  enum Cost {
    MACS,
    ACTIVATIONS,
    PARAMETERS,
    BOTH;

    private double[] of(Network network) {
      return switch (this) {
        case MACS -> new double[] {network.macs};
        case ACTIVATIONS -> new double[] {network.activations};
        case PARAMETERS -> new double[] {network.parameters};
        case BOTH -> new double[] {network.macs, network.activations};
      };
    }
  }

  /**
   * How well a cost explains the time.
   *
   * @param pearson correlation of time and cost; {@code pearsonOfLogs} of their logarithms; of the
   *     prediction where the cost is more than one number
   * @param heldOut agreement of measured times with those predicted as a start plus shares of the
   *     cost, none negative, fitted to other networks' times by relative error
   */
  record Explained(double pearson, double pearsonOfLogs, Agreement heldOut) {}

  static Map<Cost, Explained> of(List<Network> networks, long seed) {
    Map<Cost, Explained> all = new EnumMap<>(Cost.class);
    double[] millis = networks.stream().mapToDouble(Network::millis).toArray();
    for (Cost cost : Cost.values()) {
      double[] predicted = heldOut(networks, cost, seed);
      double[] single =
          cost == Cost.BOTH
              ? predicted
              : networks.stream().mapToDouble(network -> cost.of(network)[0]).toArray();
      all.put(
          cost,
          new Explained(
              RankCorrelation.pearson(single, millis),
              RankCorrelation.pearson(logs(single), logs(millis)),
              Agreement.of(predicted, millis)));
    }
    return all;
  }

  private static double[] heldOut(List<Network> networks, Cost cost, long seed) {
    int[] order = IntStream.range(0, networks.size()).toArray();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    double[] predicted = new double[order.length];
    for (int fold = 0; fold < FOLDS; fold++) {
      List<Network> seen = new ArrayList<>();
      for (int i = 0; i < order.length; i++) {
        if (i % FOLDS != fold) {
          seen.add(networks.get(order[i]));
        }
      }
      double[] shares = fit(seen, cost);
      for (int i = fold; i < order.length; i += FOLDS) {
        double[] costs = cost.of(networks.get(order[i]));
        double millis = shares[costs.length];
        for (int c = 0; c < costs.length; c++) {
          millis += shares[c] * costs[c];
        }
        predicted[order[i]] = millis;
      }
    }
    return predicted;
  }

  /** One share a cost, then the start. */
  private static double[] fit(List<Network> networks, Cost cost) {
    int columns = cost.of(networks.getFirst()).length + 1;
    double[] scales = new double[columns];
    double[][] rows = new double[networks.size()][];
    for (int i = 0; i < rows.length; i++) {
      Network network = networks.get(i);
      double[] row = Arrays.copyOf(cost.of(network), columns);
      row[columns - 1] = 1;
      for (int c = 0; c < columns; c++) {
        row[c] /= network.millis;
        scales[c] += row[c] / rows.length;
      }
      rows[i] = row;
    }
    double[] ones = new double[rows.length];
    Arrays.fill(ones, 1);
    for (double[] row : rows) {
      for (int c = 0; c < columns; c++) {
        row[c] /= scales[c];
      }
    }
    double[] shares = NonNegativeLeastSquares.solve(rows, ones, RIDGE * rows.length);
    for (int c = 0; c < columns; c++) {
      shares[c] /= scales[c];
    }
    return shares;
  }

  private static double[] logs(double[] values) {
    return Arrays.stream(values).map(value -> Math.log(Math.max(value, 1e-12))).toArray();
  }
}
