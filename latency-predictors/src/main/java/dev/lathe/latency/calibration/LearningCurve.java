package dev.lathe.latency.calibration;

import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * How the error on networks that were not seen falls with the number of those that were: a power
 * law, error = scale · networks<sup>-exponent</sup> (Hestness et al.: Deep Learning Scaling is
 * Predictable, Empirically, 2017, arXiv 1712.00409).
 *
 * @param points at least one, with ascending numbers of networks
 */
public record LearningCurve(List<Point> points) {
  /** Below this, more networks hardly help: what is left is the device's own noise. */
  private static final double LEAST_EXPONENT = 0.1;

  private static final double[] SHARES = {0.5, 0.7, 0.9};
  private static final int DRAWS = 5;
  private static final int LEAST_SEEN = 10;

  /** A mean relative error from so many networks. */
  public record Point(int networks, double error) {}

  public LearningCurve {
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("a learning curve needs at least one point.");
    }
  }

  /**
   * The curve of a calibration: predictors are fitted to shares of the samples, several times each,
   * and judged on the rest.
   *
   * @param samples at least 20
   */
  public static LearningCurve of(List<Sample> samples, long seed) {
    List<Point> points = new ArrayList<>();
    for (double share : SHARES) {
      int seen = (int) (share * samples.size());
      if (seen < LEAST_SEEN || seen >= samples.size()) {
        throw new IllegalArgumentException(
            "%d networks are too few to see how the error falls.".formatted(samples.size()));
      }
      double sum = 0;
      for (int draw = 0; draw < DRAWS; draw++) {
        List<Sample> shuffled =
            shuffled(
                samples,
                new RandomStreams(seed).at("learning curve", points.size() * DRAWS + draw));
        sum +=
            GraphLatencyPredictor.errorOnOthers(
                shuffled.subList(0, seen), shuffled.subList(seen, shuffled.size()));
      }
      points.add(new Point(seen, sum / DRAWS));
    }
    return new LearningCurve(points);
  }

  private static List<Sample> shuffled(List<Sample> samples, RandomGenerator random) {
    Sample[] order = samples.toArray(Sample[]::new);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      Sample swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return Arrays.asList(order);
  }

  /** How fast the error falls: least squares on logarithms; 0 for one point, or a rising error. */
  public double exponent() {
    double meanLogNetworks =
        points.stream().mapToDouble(p -> Math.log(p.networks)).average().orElseThrow();
    double meanLogError =
        points.stream().mapToDouble(p -> Math.log(p.error)).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (Point point : points) {
      double x = Math.log(point.networks) - meanLogNetworks;
      products += x * (Math.log(point.error) - meanLogError);
      squares += x * x;
    }
    return squares > 0 ? Math.max(0, -products / squares) : 0;
  }

  /**
   * How many more networks would halve the error, beyond those measured; empty where the curve is
   * so flat that more measurements do not promise it.
   *
   * @param networks measured so far
   */
  public OptionalInt moreToHalve(int networks) {
    double exponent = exponent();
    return exponent < LEAST_EXPONENT
        ? OptionalInt.empty()
        : OptionalInt.of((int) Math.ceil(networks * (Math.pow(2, 1 / exponent) - 1) - 1e-6));
  }
}
