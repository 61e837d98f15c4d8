package dev.lathe.service.rest;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.service.store.EvaluatedCandidate;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An architecture that a search evaluated.
 *
 * @param architecture choices by gene name
 * @param figures by metric
 * @param failure why it could not be evaluated
 * @param hypervolume of the front after it
 * @param validationAccuracy the figure of {@code accuracy}; {@code predictedMillis} with its
 *     interval that of the first device's latency, {@code parameters} and {@code macs} likewise
 * @param nonDominated whether no other candidate so far is better in one objective and worse in
 *     none
 */
public record CandidateView(
    String id,
    int generation,
    Map<String, String> architecture,
    CandidateRecord.Status status,
    Map<String, FigureView> figures,
    @Nullable String failure,
    @Nullable Double hypervolume,
    @Nullable Double validationAccuracy,
    @Nullable Double predictedMillis,
    @Nullable Double lowerMillis,
    @Nullable Double upperMillis,
    @Nullable Double parameters,
    @Nullable Double macs,
    boolean nonDominated) {

  static CandidateView of(EvaluatedCandidate candidate) {
    Map<String, Figure> figures = candidate.figures();
    Optional<Figure> latency =
        figures.values().stream()
            .filter(figure -> figure.metric().quantity().orElse(null) == Quantity.LATENCY)
            .findFirst();
    return new CandidateView(
        Long.toString(candidate.id()),
        candidate.row().generation,
        candidate.row().labels,
        candidate.status(),
        FigureView.of(figures),
        candidate.row().failure,
        candidate.row().hypervolume,
        value(figures, Quantity.ACCURACY),
        latency.map(Figure::value).orElse(null),
        latency.map(Figure::lower).orElse(null),
        latency.map(Figure::upper).orElse(null),
        value(figures, Quantity.PARAMETERS),
        value(figures, Quantity.MACS),
        candidate.row().nonDominated);
  }

  private static @Nullable Double value(Map<String, Figure> figures, Quantity quantity) {
    Figure figure = figures.get(Metric.of(quantity).name());
    return figure == null ? null : figure.value();
  }
}
