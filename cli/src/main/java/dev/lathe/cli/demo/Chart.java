package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Test accuracy against measured latency, in characters. */
final class Chart {
  private static final int WIDTH = 72;
  private static final int HEIGHT = 16;

  private Chart() {}

  private record Point(double millis, double accuracy, char mark) {}

  static void print(JsonNode report, PrintStream out) {
    List<Point> points = new ArrayList<>();
    add(points, report.path("baseline"), 'B', 'b');
    add(points, report.path("front"), 'F', 'i');
    if (points.isEmpty()) {
      return;
    }
    double least = points.stream().mapToDouble(p -> Math.log(p.millis())).min().orElseThrow();
    double most = points.stream().mapToDouble(p -> Math.log(p.millis())).max().orElseThrow();
    double low = points.stream().mapToDouble(Point::accuracy).min().orElseThrow();
    double high = points.stream().mapToDouble(Point::accuracy).max().orElseThrow();
    char[][] cells = new char[HEIGHT][WIDTH];
    for (char[] row : cells) {
      Arrays.fill(row, ' ');
    }
    for (Point point : points) {
      int x = scaled(Math.log(point.millis()), least, most, WIDTH);
      int y = scaled(point.accuracy(), low, high, HEIGHT);
      cells[HEIGHT - 1 - y][x] = point.mark();
    }
    out.printf(
        "%nTest accuracy against measured latency (F float32, i int8 of the front; B, b baselines)%n");
    for (int y = 0; y < HEIGHT; y++) {
      String label = y == 0 ? "%.3f".formatted(high) : y == HEIGHT - 1 ? "%.3f".formatted(low) : "";
      out.printf("  %6s |%s%n", label, new String(cells[y]).stripTrailing());
    }
    out.printf("  %6s +%s%n", "", "-".repeat(WIDTH));
    out.printf(
        "  %6s  %-10s%" + (WIDTH - 10) + "s%n",
        "",
        "%.3f ms".formatted(Math.exp(least)),
        "%.3f ms".formatted(Math.exp(most)));
  }

  private static int scaled(double value, double least, double most, int cells) {
    return most == least ? 0 : (int) Math.round((value - least) / (most - least) * (cells - 1));
  }

  private static void add(List<Point> points, JsonNode networks, char float32, char int8) {
    for (JsonNode network : networks) {
      points.add(
          new Point(
              network.path("latencies").path(0).path("p50").asDouble(),
              network.path("testAccuracy").asDouble(),
              network.path("precision").asText().equals("int8") ? int8 : float32));
    }
  }
}
