package dev.lathe.service.rest;

import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.FrontLatencyRow;
import dev.lathe.service.store.FrontMemberRow;
import dev.lathe.service.store.MeasurementRow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member of the front of a search.
 *
 * @param id of its artifact
 * @param twin id of the same network in the other precision, if it is stored
 * @param validationAccuracy of the file itself, in [0, 1]; {@code testAccuracy} likewise
 * @param onnx path of the file on the service's machine
 */
public record FrontView(
    String id,
    String artifactId,
    @Nullable String twin,
    @Nullable String precision,
    String name,
    Map<String, String> architecture,
    @Nullable Double validationAccuracy,
    @Nullable Double testAccuracy,
    long bytes,
    @Nullable Long macs,
    @Nullable Long parameters,
    @Nullable Double fineTuneSeconds,
    List<Latency> latencies,
    String onnx,
    String sha256) {

  /**
   * Latency on one device, in milliseconds.
   *
   * @param predicted by the device's predictor, with its interval
   */
  public record Latency(
      String device,
      String measurementId,
      String runtime,
      String protocol,
      int threads,
      int batch,
      double p50,
      double p90,
      int samples,
      double predicted,
      double lower,
      double upper) {}

  /** The front of a search in its order, within a transaction. */
  static List<FrontView> of(long searchId, ArtifactFiles files) {
    return FrontMemberRow.<FrontMemberRow>list("searchId = ?1 order by position", searchId).stream()
        .map(member -> of(member, files))
        .toList();
  }

  private static FrontView of(FrontMemberRow member, ArtifactFiles files) {
    ArtifactRow artifact = ArtifactRow.findById(member.artifactId);
    String id = Long.toString(artifact.number());
    return new FrontView(
        id,
        id,
        ArtifactView.twin(artifact),
        artifact.precision,
        artifact.name,
        artifact.labels,
        artifact.validationAccuracy,
        artifact.testAccuracy,
        artifact.bytes,
        artifact.macs,
        artifact.parameters,
        artifact.fineTuneSeconds,
        FrontLatencyRow.<FrontLatencyRow>list(
                "frontMemberId = ?1 order by measurementId", member.id)
            .stream()
            .map(FrontView::latency)
            .toList(),
        files.path(artifact.sha256).toString(),
        artifact.sha256);
  }

  private static Latency latency(FrontLatencyRow row) {
    MeasurementRow measurement = MeasurementRow.findById(Objects.requireNonNull(row.measurementId));
    DeviceRow device = DeviceRow.findById(measurement.deviceId);
    return new Latency(
        device.name,
        Long.toString(measurement.number()),
        measurement.runtime,
        measurement.protocol,
        measurement.threads,
        measurement.batch,
        measurement.p50Millis,
        measurement.p90Millis,
        measurement.samplesMillis.length,
        row.predictedMillis,
        row.lowerMillis,
        row.upperMillis);
  }
}
