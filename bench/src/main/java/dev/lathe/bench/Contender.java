package dev.lathe.bench;

import java.util.List;

/**
 * One way to spend the time.
 *
 * @param name for example {@code mobilenetv2}
 * @param points what came of it, both forms of each network
 * @param seconds that it took in all
 */
record Contender(String name, List<MeasuredPoint> points, double seconds) {
  Contender {
    points = List.copyOf(points);
  }
}
