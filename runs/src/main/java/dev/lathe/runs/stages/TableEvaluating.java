package dev.lathe.runs.stages;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.RecordedSpace;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Figures that a table publishes. */
final class TableEvaluating implements Evaluating {
  private final RecordedSpace space;
  private final MeasurementTable table;
  private final Goals goals;
  private final Map<Metric, double[]> columns;

  TableEvaluating(MeasurementTable table, Goals goals) {
    this.space = new RecordedSpace(table);
    this.table = table;
    this.goals = goals;
    this.columns = TableMetrics.columns(table);
  }

  @Override
  public SearchSpace space() {
    return space;
  }

  @Override
  public List<CandidateRecord> evaluate(List<Architecture> architectures) {
    return architectures.stream().map(this::record).toList();
  }

  private CandidateRecord record(Architecture architecture) {
    OptionalInt row = table.row(architecture);
    Map<String, Figure> figures = new LinkedHashMap<>();
    for (Metric metric : goals.metrics()) {
      double value = row.isEmpty() ? Double.NaN : columns.get(metric)[row.getAsInt()];
      if (Double.isFinite(value)) {
        figures.put(metric.name(), Figure.exact(metric, value, Figure.Source.PUBLISHED));
      }
    }
    if (!goals.complete(figures)) {
      return new CandidateRecord(
          architecture,
          space.describe(architecture),
          Status.FAILED,
          figures,
          List.of(),
          Optional.of("its row has an empty cell"));
    }
    return new CandidateRecord(
        architecture,
        space.describe(architecture),
        goals.feasible(figures) ? Status.OK : Status.INFEASIBLE,
        figures,
        goals.costs(figures),
        Optional.empty());
  }
}
