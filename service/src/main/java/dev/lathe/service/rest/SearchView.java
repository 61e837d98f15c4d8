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
    long front) {

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
        FrontMemberRow.count("searchId", row.number()));
  }

  /** The views of several searches, within a transaction. */
  static List<SearchView> of(List<SearchRow> rows) {
    return rows.stream().map(SearchView::of).toList();
  }
}
