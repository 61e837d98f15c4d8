package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
 * @param report the files with what each step did, of which lists leave the latter out; there when
 *     it is finished
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
    return of(row, row.report);
  }

  /** The view of a run whose report says no more of a file than its figures. */
  static CompressionView brief(SearchRow row, ObjectMapper json) {
    if (row.report == null) {
      return of(row);
    }
    try {
      JsonNode report = json.readTree(row.report);
      report.path("files").forEach(file -> ((ObjectNode) file).remove("report"));
      return of(row, report.toString());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the report of run %d is no JSON".formatted(row.number()), e);
    }
  }

  private static CompressionView of(SearchRow row, @Nullable String report) {
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
        report);
  }
}
