package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.service.store.SearchRow;
import java.time.Instant;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A compression.
 *
 * @param fraction of the whole that is done, in [0, 1]
 * @param error why it failed
 * @param report the files with what each step did; there when it is finished
 */
public record CompressionView(
    String id,
    String name,
    String state,
    String stage,
    double fraction,
    String message,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable String error,
    @JsonRawValue @Schema(implementation = Object.class) @Nullable String request,
    @JsonRawValue @Schema(implementation = Object.class) @Nullable String report) {

  /** The view of a run. */
  static CompressionView of(SearchRow row) {
    return new CompressionView(
        Long.toString(row.number()),
        row.name,
        row.state.name().toLowerCase(Locale.ROOT),
        row.stage,
        row.fraction,
        row.message,
        row.createdAt,
        row.startedAt,
        row.finishedAt,
        row.error,
        row.request,
        row.report);
  }
}
