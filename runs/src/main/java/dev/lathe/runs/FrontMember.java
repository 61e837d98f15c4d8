package dev.lathe.runs;

import dev.lathe.metric.Figure;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A member of the final front: a file that was written, or where none is written (a table) a
 * candidate.
 *
 * @param artifactId of a stored artifact
 * @param candidate number of a candidate in the order in which they were noted, from 0
 * @param figures by metric, as measured or published
 * @param predicted what predictors said, by metric
 * @param measurements numbers of the measurements behind the figures
 */
public record FrontMember(
    OptionalLong artifactId,
    OptionalInt candidate,
    Map<String, Figure> figures,
    Map<String, Figure> predicted,
    List<Long> measurements) {
  public FrontMember {
    figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    predicted = Collections.unmodifiableMap(new LinkedHashMap<>(predicted));
    measurements = List.copyOf(measurements);
  }

  /** A written file. */
  public static FrontMember file(
      long artifactId,
      Map<String, Figure> figures,
      Map<String, Figure> predicted,
      List<Long> measurements) {
    return new FrontMember(
        OptionalLong.of(artifactId), OptionalInt.empty(), figures, predicted, measurements);
  }

  /** A candidate of which no file is written. */
  public static FrontMember candidate(int number, Map<String, Figure> figures) {
    return new FrontMember(
        OptionalLong.empty(), OptionalInt.of(number), figures, Map.of(), List.of());
  }
}
