package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.search.Calibrations;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A calibration.
 *
 * @param id null where none was launched, because the device's predictors are fresh
 * @param state of the run, or {@code fresh}
 * @param fraction of the whole that is done at most, in [0, 1]: it may stop sooner
 * @param error why it failed
 * @param predictors one a precision; none until they are there
 */
public record CalibrationView(
    @Nullable String id,
    @Nullable String device,
    String state,
    String stage,
    double fraction,
    String message,
    @Nullable Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable String error,
    @JsonRawValue @Schema(implementation = Object.class) @Nullable String request,
    List<PredictorView> predictors) {

  /** The view of a run. */
  static CalibrationView of(SearchRow row, PredictorFreshness freshness) {
    return new CalibrationView(
        Long.toString(row.number()),
        Calibrations.device(row),
        row.state.name().toLowerCase(Locale.ROOT),
        row.stage,
        row.fraction,
        row.message,
        row.createdAt,
        row.startedAt,
        row.finishedAt,
        row.error,
        row.request,
        Transactions.call(
            () ->
                views(
                    PredictorRow.<PredictorRow>list("searchId = ?1 order by id", row.number()),
                    freshness)));
  }

  /** What is answered instead of a new calibration. */
  static CalibrationView fresh(
      DeviceRow device, List<PredictorRow> predictors, PredictorFreshness freshness) {
    return new CalibrationView(
        null,
        device.name,
        "fresh",
        "",
        1,
        "the predictors of '%s' are fresh".formatted(device.name),
        null,
        null,
        null,
        null,
        null,
        Transactions.call(() -> views(predictors, freshness)));
  }

  private static List<PredictorView> views(List<PredictorRow> rows, PredictorFreshness freshness) {
    return rows.stream().map(row -> PredictorView.of(row, freshness)).toList();
  }
}
