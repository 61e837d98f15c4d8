package dev.lathe.service.rest;

import dev.lathe.metric.Figure;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A figure, in the unit of its metric.
 *
 * @param lower end of its 90 % interval; {@code upper} likewise
 * @param source {@code measured}, {@code predicted} or {@code published}
 */
public record FigureView(double value, double lower, double upper, String source) {
  static Map<String, FigureView> of(Map<String, Figure> figures) {
    Map<String, FigureView> views = new LinkedHashMap<>();
    figures.forEach(
        (name, figure) ->
            views.put(
                name,
                new FigureView(
                    figure.value(),
                    figure.lower(),
                    figure.upper(),
                    figure.source().name().toLowerCase(Locale.ROOT))));
    return views;
  }
}
