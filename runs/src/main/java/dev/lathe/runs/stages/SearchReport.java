package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.space.SearchSpace;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The parts of a report that every search has. */
final class SearchReport {
  private static final int POINTS = 500;

  private SearchReport() {}

  /** Adds {@code search} and the history of the hypervolume. */
  static void search(
      ObjectNode report, RunFrame run, SearchSpace space, List<CandidateRecord> candidates) {
    report
        .putObject("search")
        .put("algorithm", run.request().method().orElseThrow().name())
        .put("space", space.name())
        .put("spaceSize", space.size().toString())
        .put("evaluations", candidates.size())
        .put("seconds", run.facts().get(Searching.SECONDS, Double.class).orElse(0.0))
        .put(
            "hypervolume", candidates.isEmpty() ? 0 : candidates.getLast().hypervolume().orElse(0));
    ArrayNode history = report.putArray("hypervolume");
    int step = Math.max(1, Math.ceilDiv(candidates.size(), POINTS));
    for (int i = 0; i < candidates.size(); i++) {
      if ((i % step == 0 || i == candidates.size() - 1)
          && candidates.get(i).hypervolume().isPresent()) {
        history.addArray().add(i + 1).add(candidates.get(i).hypervolume().getAsDouble());
      }
    }
  }

  /** Figures by the names of their metrics. */
  static void figures(ObjectNode node, Map<String, Figure> figures) {
    figures.forEach(
        (name, figure) ->
            node.putObject(name)
                .put("value", figure.value())
                .put("lower", figure.lower())
                .put("upper", figure.upper())
                .put("source", figure.source().name().toLowerCase(Locale.ROOT)));
  }
}
