package dev.lathe.service.farm;

import dev.lathe.runs.MeasurementRequest;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What other searches measured: a network of the same structure, on the same device with the same
 * runtime, protocol and threads, is not measured twice within a day. Only what was judged stable is
 * taken, and each earlier measurement answers one request of a search at most, so that a search
 * that measures a network again on purpose gets different readings. What is taken becomes a
 * measurement of the search, which says where it comes from. Calibrations take nothing: they are
 * there to look anew.
 */
final class EarlierMeasurements {
  /** Name in a measurement's environment of the measurement that it was taken from. */
  static final String TAKEN_FROM = "takenFrom";

  private static final Duration FRESH = Duration.ofDays(1);

  private EarlierMeasurements() {}

  /** Takes a measurement over into a search, within a transaction; empty if there is none. */
  static Optional<MeasurementRow> take(
      MeasurementRequest of,
      String modelSha256,
      String structure,
      DeviceRow device,
      long searchId,
      Instant now) {
    SearchRow search = SearchRow.findById(searchId);
    if (search == null || search.kind == RunKind.CALIBRATION) {
      return Optional.empty();
    }
    return MeasurementRow.<MeasurementRow>find(
            "deviceId = ?1 and structureSha256 = ?2 and protocol = ?3 and runtime = ?4"
                + " and threads = ?5 and verdict = 'stable' and sourceId is null"
                + " and searchId <> ?6 and recordedAt > ?7 and id not in"
                + " (select c.sourceId from MeasurementRow c"
                + " where c.searchId = ?6 and c.sourceId is not null) order by id desc",
            device.number(),
            structure,
            of.protocol(),
            device.runtime,
            device.measuredThreads,
            searchId,
            now.minus(FRESH))
        .firstResultOptional()
        .map(earlier -> taken(of, modelSha256, earlier, searchId, now));
  }

  private static MeasurementRow taken(
      MeasurementRequest of,
      String modelSha256,
      MeasurementRow earlier,
      long searchId,
      Instant now) {
    MeasurementRow row = new MeasurementRow();
    row.deviceId = earlier.deviceId;
    row.searchId = searchId;
    row.sourceId = earlier.id;
    row.structureSha256 = earlier.structureSha256;
    row.key = of.key();
    row.precision = earlier.precision;
    row.modelSha256 = modelSha256;
    row.attempt = earlier.attempt;
    row.runtime = earlier.runtime;
    row.threads = earlier.threads;
    row.batch = earlier.batch;
    row.warmups = earlier.warmups;
    row.protocol = earlier.protocol;
    row.samplesMillis = earlier.samplesMillis;
    row.p50Millis = earlier.p50Millis;
    row.p90Millis = earlier.p90Millis;
    row.p99Millis = earlier.p99Millis;
    row.madMillis = earlier.madMillis;
    row.sentinelBeforeMillis = earlier.sentinelBeforeMillis;
    row.sentinelAfterMillis = earlier.sentinelAfterMillis;
    Map<String, String> environment = new TreeMap<>(earlier.environment);
    environment.put(
        TAKEN_FROM, "measurement %d of search %d".formatted(earlier.number(), earlier.searchId));
    row.environment = environment;
    row.figures = earlier.figures;
    row.verdict = earlier.verdict;
    row.verdictReason = earlier.verdictReason;
    row.startedAt = earlier.startedAt;
    row.recordedAt = now;
    row.persist();
    return row;
  }
}
