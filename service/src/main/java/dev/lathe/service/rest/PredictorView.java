package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.farm.PredictorFreshness.Freshness;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.PredictorRow;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A latency predictor and the report of its calibration.
 *
 * @param searchId number of the search or calibration that made it
 * @param space name and digest of the space for which it was made
 * @param version which of the predictors of its device, space and precision it is, from 1
 * @param provenance runtime, measurements, the device's speed and repeatability; and what more
 *     measurements would bring: {@code learningCurve}, {@code moreToHalve}, {@code secondsToHalve}
 * @param sentinelDrift how much longer the device's sentinel takes now than when it was made
 * @param fresh whether it still tells of its device: the same runtime, a drift of a tenth at most
 */
public record PredictorView(
    String id,
    String searchId,
    String device,
    String space,
    int version,
    String precision,
    String metric,
    String kind,
    int samples,
    int heldOut,
    double spearman,
    double mape,
    double within10,
    double coverage90,
    double seconds,
    @JsonRawValue @Schema(implementation = Object.class) String provenance,
    double sentinelDrift,
    boolean fresh,
    Instant createdAt) {

  /** The view of a predictor, within a transaction. */
  static PredictorView of(PredictorRow row, PredictorFreshness freshness) {
    Optional<DeviceRow> device =
        DeviceRow.<DeviceRow>find("name", row.device).firstResultOptional();
    Freshness now = device.map(of -> freshness.of(row, of)).orElse(new Freshness(0, false));
    return new PredictorView(
        String.valueOf(row.id),
        Long.toString(row.searchId),
        row.device,
        row.space,
        row.version,
        row.precision,
        row.metric,
        row.kind,
        row.samples,
        row.heldOut,
        row.spearman,
        row.mape,
        row.within10,
        row.coverage90,
        row.seconds,
        row.provenance,
        now.drift(),
        now.fresh(),
        row.createdAt);
  }
}
