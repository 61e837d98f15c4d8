package dev.lathe.evolution;

import dev.lathe.space.Architecture;
import dev.lathe.space.table.MeasurementTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Evaluates architectures by looking them up in a table of measurements. */
public final class RecordedEvaluations {
  private final MeasurementTable table;
  private final List<Evaluation> byRow;

  /**
   * @param metrics the metrics to read, without the column's prefix
   * @throws IllegalArgumentException if the table lacks one
   */
  public RecordedEvaluations(MeasurementTable table, List<String> metrics) {
    this.table = table;
    List<double[]> columns = metrics.stream().map(table::metric).toList();
    this.byRow = new ArrayList<>(table.rows());
    for (int row = 0; row < table.rows(); row++) {
      Map<String, Double> values = new LinkedHashMap<>();
      for (int m = 0; m < metrics.size(); m++) {
        double value = columns.get(m)[row];
        if (Double.isFinite(value)) {
          values.put(metrics.get(m), value);
        }
      }
      Architecture architecture = table.architecture(row);
      byRow.add(
          values.size() == metrics.size()
              ? Evaluation.of(architecture, values)
              : Evaluation.failed(architecture, "its row has an empty cell"));
    }
  }

  /** The recorded result; failed if the table has no such row, or not all of the metrics. */
  public Evaluation evaluate(Architecture architecture) {
    OptionalInt row = table.row(architecture);
    return row.isPresent()
        ? byRow.get(row.getAsInt())
        : Evaluation.failed(architecture, "table '%s' has no such row".formatted(table.name()));
  }

  /** All rows, in the table's order. */
  public List<Evaluation> all() {
    return List.copyOf(byRow);
  }
}
