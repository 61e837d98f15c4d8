package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.bench.PredictorBenchmark.Family;
import dev.lathe.bench.PredictorBenchmark.Selection;
import dev.lathe.latency.regression.Agreement;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Figures of all runs of a {@link PredictorBenchmark}. */
record PredictorFigures(
    String device,
    int samples,
    Family family,
    Selection selection,
    List<Run> runs,
    double secondsPerFit) {
  /** What one seed gave; the width is a share of the estimate. */
  record Run(Agreement agreement, double coverage, double medianWidth, double seconds) {}

  ObjectNode toJson(ObjectMapper mapper) {
    ObjectNode json =
        mapper
            .createObjectNode()
            .put("device", device)
            .put("samples", samples)
            .put("family", family.name().toLowerCase(Locale.ROOT))
            .put("selection", selection.name().toLowerCase(Locale.ROOT))
            .put("seeds", runs.size());
    values(json, "spearman", run -> run.agreement().spearman());
    values(json, "kendall", run -> run.agreement().kendall());
    values(json, "within10", run -> run.agreement().within10());
    values(json, "mape", run -> run.agreement().mape());
    values(json, "coverage90", Run::coverage);
    json.putObject("intervalWidth").put("median", medianWidth());
    return json.put("maxErrorMillis", maxErrorMillis()).put("secondsPerFit", secondsPerFit);
  }

  void print(PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%s, %s from %d %s samples, %d runs: Spearman %.4f, Kendall %.4f, within 10 %% %.3f,"
            + " mean error %.4f, coverage %.3f, interval width %.3f, largest error %.6f ms,"
            + " %.2f s a fit%n",
        device,
        family.name().toLowerCase(Locale.ROOT),
        samples,
        selection.name().toLowerCase(Locale.ROOT),
        runs.size(),
        mean(run -> run.agreement().spearman()),
        mean(run -> run.agreement().kendall()),
        mean(run -> run.agreement().within10()),
        mean(run -> run.agreement().mape()),
        mean(Run::coverage),
        medianWidth(),
        maxErrorMillis(),
        secondsPerFit);
    out.flush();
  }

  private void values(ObjectNode json, String name, ToDoubleFunction<Run> figure) {
    ObjectNode node = json.putObject(name).put("mean", mean(figure));
    ArrayNode all = node.putArray("values");
    runs.forEach(run -> all.add(figure.applyAsDouble(run)));
  }

  private double mean(ToDoubleFunction<Run> figure) {
    return runs.stream().mapToDouble(figure).average().orElseThrow();
  }

  /** Median over the runs of the median width, as a share of the estimate. */
  private double medianWidth() {
    double[] sorted = runs.stream().mapToDouble(Run::medianWidth).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private double maxErrorMillis() {
    return runs.stream().mapToDouble(run -> run.agreement().maxError()).max().orElseThrow();
  }
}
