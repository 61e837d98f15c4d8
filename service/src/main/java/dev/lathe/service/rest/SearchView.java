package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.metric.Direction;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.stages.TableMetrics;
import dev.lathe.service.store.CandidateRow;
import dev.lathe.service.store.FrontMemberRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A search.
 *
 * @param fraction of the whole that is done, in [0, 1]
 * @param message one line for people
 * @param error why it failed
 * @param request as it is carried out
 * @param candidates how many were looked at
 * @param front how many members the final front has; 0 until it is there
 * @param best figures of the final front
 */
public record SearchView(
    String id,
    String name,
    SearchState state,
    String stage,
    double fraction,
    String message,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable String error,
    @JsonRawValue @Schema(implementation = Object.class) String request,
    long candidates,
    long front,
    @Nullable Best best) {

  /**
   * The best figures of a front, each of whichever member has it.
   *
   * @param p50 least measured median latency on the first device, in milliseconds
   * @param figures the best of each metric
   */
  public record Best(
      @Nullable Double validationAccuracy,
      @Nullable Double p50,
      @Nullable Double bytes,
      Map<String, Double> figures) {}

  /** The view of one search, within a transaction. */
  static SearchView of(SearchRow row) {
    return new SearchView(
        Long.toString(row.number()),
        row.name,
        row.state,
        row.stage,
        row.fraction,
        row.message,
        row.createdAt,
        row.startedAt,
        row.finishedAt,
        row.error,
        canonical(row.request),
        CandidateRow.count("searchId", row.number()),
        FrontMemberRow.count("searchId", row.number()),
        best(row.number()));
  }

  @SuppressWarnings("unchecked")
  private static @Nullable Best best(long searchId) {
    List<Object[]> rows =
        FrontMemberRow.getEntityManager()
            .createNativeQuery(
                """
                select m.name, min(f.value), max(f.value)
                from front_figure f join metric m on m.id = f.metric_id
                join front_member r on r.id = f.front_member_id
                where r.search_id = ?1 and not f.predicted group by m.id, m.name order by m.id
                """)
            .setParameter(1, searchId)
            .getResultList();
    if (rows.isEmpty()) {
      return null;
    }
    Map<String, Double> best = new LinkedHashMap<>();
    Double p50 = null;
    for (Object[] row : rows) {
      String name = (String) row[0];
      boolean more = TableMetrics.direction(name) == Direction.MAXIMIZE;
      double value = ((Number) row[more ? 2 : 1]).doubleValue();
      best.put(name, value);
      p50 = p50 == null && name.startsWith("latency@") ? Double.valueOf(value) : p50;
    }
    return new Best(best.get("accuracy"), p50, best.get("bytes"), best);
  }

  /** As it would be written today; requests of earlier versions have other spellings. */
  private static String canonical(String request) {
    try {
      return RequestJson.write(RequestJson.read(request));
    } catch (InvalidSearch e) {
      return request;
    }
  }

  /** The views of several searches, within a transaction. */
  static List<SearchView> of(List<SearchRow> rows) {
    return rows.stream().map(SearchView::of).toList();
  }
}
