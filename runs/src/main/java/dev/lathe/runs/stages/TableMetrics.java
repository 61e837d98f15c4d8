package dev.lathe.runs.stages;

import dev.lathe.metric.Direction;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.space.table.MeasurementTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The metrics of a table. Columns {@code metric:<device>_latency_ms} are the latencies of table
 * devices, {@code latency@<device>}; {@code parameters_count}, {@code macs_count} and {@code bytes}
 * are ours; all others keep the name of their column.
 */
public final class TableMetrics {
  private static final Pattern LATENCY = Pattern.compile("(.+)_latency_ms");
  private static final Map<String, Quantity> OURS =
      Map.of(
          "parameters_count", Quantity.PARAMETERS,
          "macs_count", Quantity.MACS,
          "bytes", Quantity.BYTES,
          "accuracy", Quantity.ACCURACY);

  private TableMetrics() {}

  /** The metric of a column. */
  static Metric of(String column) {
    Matcher latency = LATENCY.matcher(column);
    if (latency.matches()) {
      return Metric.on(Quantity.LATENCY, latency.group(1));
    }
    return Optional.ofNullable(OURS.get(column))
        .map(Metric::of)
        .orElseGet(() -> Metric.of(Character.isLetter(column.charAt(0)) ? column : "x" + column));
  }

  /** All metrics with their values by row. */
  static Map<Metric, double[]> columns(MeasurementTable table) {
    Map<Metric, double[]> columns = new LinkedHashMap<>();
    for (String column : table.metrics()) {
      columns.put(of(column), table.metric(column));
    }
    return columns;
  }

  /** The names of all metrics of a table. */
  public static List<String> names(MeasurementTable table) {
    return table.metrics().stream().map(column -> of(column).name()).toList();
  }

  /** Whether less or more of a metric is better, as far as its name tells. */
  public static Direction direction(String name) {
    return Metric.of(name)
        .quantity()
        .map(Quantity::direction)
        .orElse(
            name.contains("accuracy") || name.contains("score") || name.contains("top1")
                ? Direction.MAXIMIZE
                : Direction.MINIMIZE);
  }
}
