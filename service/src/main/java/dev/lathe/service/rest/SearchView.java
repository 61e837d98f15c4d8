package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.service.store.CandidateRow;
import dev.lathe.service.store.FrontMemberRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A search.
 *
 * @param fraction of the whole that is done, in [0, 1]
 * @param message one line for people
 * @param error why it failed
 * @param request as it was sent
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
   * @param p50 measured median latency in milliseconds
   */
  public record Best(@Nullable Double validationAccuracy, @Nullable Double p50, long bytes) {}

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
        row.request,
        CandidateRow.count("searchId", row.number()),
        FrontMemberRow.count("searchId", row.number()),
        best(row.number()));
  }

  private static @Nullable Best best(long searchId) {
    return FrontMemberRow.getEntityManager()
        .createQuery(
            """
            select max(a.validationAccuracy), min(m.p50Millis), min(a.bytes)
            from FrontMemberRow f join ArtifactRow a on a.id = f.artifactId
            left join FrontLatencyRow l on l.frontMemberId = f.id
            left join MeasurementRow m on m.id = l.measurementId
            where f.searchId = ?1
            group by f.searchId
            """,
            Best.class)
        .setParameter(1, searchId)
        .getResultStream()
        .findFirst()
        .orElse(null);
  }

  /** The views of several searches, within a transaction. */
  static List<SearchView> of(List<SearchRow> rows) {
    return rows.stream().map(SearchView::of).toList();
  }
}
