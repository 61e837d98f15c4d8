package dev.lathe.bench.payoff;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * How much more accurate a front is than random architectures at their latency: the mean of (ours −
 * random) ÷ random (Yang, Esperança, Carlucci, NAS evaluation is frustratingly hard, arXiv
 * 1912.12522), with its 95 % bootstrap interval. Networks are drawn, all forms of one together: its
 * forms are no independent evidence.
 *
 * @param uncovered points of random architectures faster than every point of the front: they are
 *     compared with the front's fastest
 */
record Improvement(double mean, double low, double high, int uncovered) {
  private static final int RESAMPLES = 2000;

  /**
   * Compares each point of random architectures with the point of the front that, of those that are
   * no slower, is the most accurate on validation images.
   *
   * @param front not empty
   * @param random not empty
   */
  static Improvement of(
      List<MeasuredPoint> front, List<MeasuredPoint> random, RandomGenerator draw) {
    MeasuredPoint fastest =
        front.stream().min(Comparator.comparingDouble(MeasuredPoint::p50)).orElseThrow();
    Map<String, double[]> sums = new LinkedHashMap<>();
    int uncovered = 0;
    for (MeasuredPoint theirs : random) {
      if (theirs.p50() < fastest.p50()) {
        uncovered++;
      }
      MeasuredPoint ours =
          front.stream()
              .filter(point -> point.p50() <= theirs.p50())
              .max(Comparator.comparingDouble(MeasuredPoint::validationAccuracy))
              .orElse(fastest);
      double[] sum = sums.computeIfAbsent(theirs.network(), _ -> new double[2]);
      sum[0] += (ours.testAccuracy() - theirs.testAccuracy()) / theirs.testAccuracy();
      sum[1]++;
    }
    List<double[]> networks = List.copyOf(sums.values());
    double[] means = new double[RESAMPLES];
    for (int r = 0; r < RESAMPLES; r++) {
      means[r] =
          mean(networks.stream().map(_ -> networks.get(draw.nextInt(networks.size()))).toList());
    }
    Arrays.sort(means);
    return new Improvement(
        mean(networks),
        means[(int) (0.025 * RESAMPLES)],
        means[(int) (0.975 * RESAMPLES)],
        uncovered);
  }

  private static double mean(List<double[]> networks) {
    double sum = networks.stream().mapToDouble(network -> network[0]).sum();
    return sum / networks.stream().mapToDouble(network -> network[1]).sum();
  }
}
