package dev.lathe.service.rest;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.MeasurementRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that a search made.
 *
 * @param key unique within the search
 * @param twin id of the same network in the other precision, if it is stored
 * @param architecture choices by gene name
 * @param latencies every measurement of this file, the newest first
 */
public record ArtifactView(
    String id,
    String searchId,
    String key,
    ArtifactRecord.Kind kind,
    String name,
    String mediaType,
    @Nullable String precision,
    @Nullable String twin,
    Map<String, String> architecture,
    @Nullable Double validationAccuracy,
    @Nullable Double testAccuracy,
    @Nullable Long macs,
    @Nullable Long parameters,
    @Nullable Double fineTuneSeconds,
    String sha256,
    long bytes,
    Instant createdAt,
    @Nullable Instant contentDeletedAt,
    List<Latency> latencies) {

  /** A measurement in short, in milliseconds. */
  public record Latency(
      String device,
      String measurementId,
      String protocol,
      int threads,
      int batch,
      double p50,
      double p90,
      int samples) {}

  /** The view of an artifact, within a transaction. */
  static ArtifactView of(ArtifactRow row) {
    return new ArtifactView(
        Long.toString(row.number()),
        Long.toString(row.searchId),
        row.key,
        row.kind,
        row.name,
        row.mediaType,
        row.precision,
        twin(row),
        row.labels,
        row.validationAccuracy,
        row.testAccuracy,
        row.macs,
        row.parameters,
        row.fineTuneSeconds,
        row.sha256,
        row.bytes,
        row.createdAt,
        row.contentDeletedAt,
        MeasurementRow.<MeasurementRow>list("modelSha256 = ?1 order by id desc", row.sha256)
            .stream()
            .map(ArtifactView::latency)
            .toList());
  }

  static @Nullable String twin(ArtifactRow row) {
    return row.twinKey == null
        ? null
        : ArtifactRow.<ArtifactRow>find("searchId = ?1 and key = ?2", row.searchId, row.twinKey)
            .firstResultOptional()
            .map(twin -> Long.toString(twin.number()))
            .orElse(null);
  }

  private static Latency latency(MeasurementRow row) {
    DeviceRow device = DeviceRow.findById(row.deviceId);
    return new Latency(
        device.name,
        Long.toString(row.number()),
        row.protocol,
        row.threads,
        row.batch,
        row.p50Millis,
        row.p90Millis,
        row.samplesMillis.length);
  }
}
