package dev.lathe.bench.payoff;

import java.util.List;

/**
 * One way to spend the time.
 *
 * @param name for example {@code mobilenetv2}
 * @param points what came of it, every form of each network
 * @param seconds that it took in all, as a clock on the wall counts
 */
record Contender(String name, List<MeasuredPoint> points, double seconds) {
  Contender {
    points = List.copyOf(points);
  }

  /** How many networks the points are of. */
  int networks() {
    return (int) points.stream().map(MeasuredPoint::network).distinct().count();
  }
}
