package dev.lathe.latency;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How fast a device was over a series of readings, told by its sentinel, and readings put to one
 * speed. A reading is multiplied by (reference / sentinel)<sup>exponent</sup>: the sentinel is the
 * median over the reading and its neighbours, the reference the median of the series. The exponent,
 * from 0 (no correction) to 1, is the one under which networks that were read more than once agree
 * best with themselves; it says how much of the sentinel's drift these networks share.
 */
public final class DeviceSpeed {
  private static final int NEIGHBOURS = 3;
  private static final int STEPS = 4;

  private final List<Reading> readings;
  private final double[] sentinelMillis;
  private final double referenceMillis;
  private final double exponent;

  private DeviceSpeed(
      List<Reading> readings, double[] sentinelMillis, double referenceMillis, double exponent) {
    this.readings = readings;
    this.sentinelMillis = sentinelMillis;
    this.referenceMillis = referenceMillis;
    this.exponent = exponent;
  }

  /**
   * Judges a series.
   *
   * @param readings in the order in which they were taken, at least one
   * @param networks the network of each; those that occur more than once choose the exponent, which
   *     is 0 where there are none
   */
  public static DeviceSpeed of(List<Reading> readings, int[] networks) {
    if (readings.isEmpty() || readings.size() != networks.length) {
      throw new IllegalArgumentException(
          "%d readings of %d networks: need one network a reading, and at least one."
              .formatted(readings.size(), networks.length));
    }
    double[] local = new double[networks.length];
    for (int i = 0; i < local.length; i++) {
      local[i] =
          median(
              readings
                  .subList(Math.max(0, i - NEIGHBOURS), Math.min(local.length, i + NEIGHBOURS + 1))
                  .stream()
                  .flatMapToDouble(
                      r ->
                          Arrays.stream(
                              new double[] {r.sentinelBeforeMillis(), r.sentinelAfterMillis()}))
                  .toArray());
    }
    double reference = median(local);
    DeviceSpeed best = new DeviceSpeed(List.copyOf(readings), local, reference, 0);
    double least = best.disagreement(networks);
    for (int step = 1; step <= STEPS; step++) {
      var trial = new DeviceSpeed(best.readings, local, reference, (double) step / STEPS);
      double disagreement = trial.disagreement(networks);
      if (disagreement < least * (1 - 1e-9)) {
        least = disagreement;
        best = trial;
      }
    }
    return best;
  }

  /** Mean absolute difference of the logarithms of readings of the same network. */
  private double disagreement(int[] networks) {
    Map<Integer, List<Integer>> byNetwork =
        IntStream.range(0, networks.length)
            .boxed()
            .collect(Collectors.groupingBy(i -> networks[i]));
    double sum = 0;
    int pairs = 0;
    for (List<Integer> same : byNetwork.values()) {
      for (int i = 0; i < same.size(); i++) {
        for (int j = 0; j < i; j++) {
          sum += Math.abs(Math.log(millis(same.get(i)) / millis(same.get(j))));
          pairs++;
        }
      }
    }
    return pairs == 0 ? 0 : sum / pairs;
  }

  /** A reading at the reference speed, in milliseconds. */
  public double millis(int reading) {
    return readings.get(reading).millis()
        * Math.pow(referenceMillis / sentinelMillis[reading], exponent);
  }

  /** The sentinel's latency at the reference speed, in milliseconds. */
  public double referenceMillis() {
    return referenceMillis;
  }

  /** How much of the sentinel's drift the networks share, 0 to 1. */
  public double exponent() {
    return exponent;
  }

  /** The sentinel's slowest over its fastest time in the series, less 1: 0.1 is 10 percent. */
  public double drift() {
    return Arrays.stream(sentinelMillis).max().orElseThrow()
            / Arrays.stream(sentinelMillis).min().orElseThrow()
        - 1;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
