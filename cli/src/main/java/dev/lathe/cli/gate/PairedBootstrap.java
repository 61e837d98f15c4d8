package dev.lathe.cli.gate;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How much slower one network is than another, from rounds in which both were measured: the median
 * over rounds of the ratio, and the ends of its 90 % interval by resampling rounds (Efron 1979,
 * doi:10.1214/aos/1176344552). What disturbs a machine for a while disturbs both networks of a
 * round.
 *
 * @param ratio median of later over earlier; 1.1 is a tenth slower
 */
record PairedBootstrap(double ratio, double lower, double upper) {
  private static final int RESAMPLES = 4000;

  /**
   * Compares.
   *
   * @param earlier latency in each round; {@code later} of the other network in the same rounds
   */
  static PairedBootstrap of(double[] earlier, double[] later, RandomGenerator random) {
    if (earlier.length != later.length || earlier.length < 3) {
      throw new IllegalArgumentException(
          "%d and %d rounds cannot be compared, at least 3 pairs are needed."
              .formatted(earlier.length, later.length));
    }
    double[] ratios = new double[earlier.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = later[i] / earlier[i];
    }
    double[] medians = new double[RESAMPLES];
    double[] drawn = new double[ratios.length];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = ratios[random.nextInt(ratios.length)];
      }
      medians[r] = median(drawn);
    }
    Arrays.sort(medians);
    return new PairedBootstrap(
        median(ratios), medians[RESAMPLES / 20], medians[RESAMPLES - 1 - RESAMPLES / 20]);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }

  /** Red only if even the end of the interval is beyond what is tolerated. */
  Finding judge(String metric, double tolerance) {
    return new Finding(
        metric + " against the other",
        lower <= 1 + tolerance,
        "%s is %+.1f %% (90 %% interval %+.1f to %+.1f %%) of the other's, %+.1f %% tolerated"
            .formatted(
                metric, 100 * (ratio - 1), 100 * (lower - 1), 100 * (upper - 1), 100 * tolerance));
  }
}
