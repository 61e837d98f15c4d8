package dev.lathe.service.rest;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.FrontMeasurementRow;
import dev.lathe.service.store.FrontMemberRow;
import dev.lathe.service.store.MeasurementRow;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member of the front of a search.
 *
 * @param id of its artifact; where no file is written, {@code candidate-} and a number
 * @param twin id of the same network in the other precision, if it is stored
 * @param validationAccuracy of the file itself, in [0, 1]; {@code testAccuracy} likewise
 * @param figures by metric, as measured or published; {@code predicted} what predictors said
 * @param onnx path of the file on the service's machine; missing once it was deleted
 */
public record FrontView(
    String id,
    @Nullable String artifactId,
    @Nullable String twin,
    @Nullable String precision,
    String name,
    Map<String, String> architecture,
    @Nullable Double validationAccuracy,
    @Nullable Double testAccuracy,
    @Nullable Long bytes,
    @Nullable Long macs,
    @Nullable Long parameters,
    @Nullable Double fineTuneSeconds,
    Map<String, FigureView> figures,
    Map<String, FigureView> predicted,
    List<Latency> latencies,
    @Nullable String onnx,
    @Nullable String sha256) {

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
      @Nullable Double predicted,
      @Nullable Double lower,
      @Nullable Double upper) {}

  /** The front of a search in its order, within a transaction. */
  static List<FrontView> of(long searchId, ArtifactFiles files) {
    List<FrontMemberRow> members = FrontMemberRow.list("searchId = ?1 order by position", searchId);
    Map<Long, Map<String, Figure>> figures = FrontMemberRow.figures(searchId, false);
    Map<Long, Map<String, Figure>> predicted = FrontMemberRow.figures(searchId, true);
    Map<Long, EvaluatedCandidate> candidates =
        EvaluatedCandidate.byId(
            searchId,
            members.stream().map(member -> member.candidateId).filter(Objects::nonNull).toList());
    return members.stream()
        .map(
            member -> {
              Map<String, Figure> own = figures.getOrDefault(member.id, Map.of());
              Map<String, Figure> expected = predicted.getOrDefault(member.id, Map.of());
              return member.artifactId == null
                  ? of(candidates.get(member.candidateId), own)
                  : of(member, own, expected, files);
            })
        .toList();
  }

  /** A member of which no file is written. */
  private static FrontView of(EvaluatedCandidate candidate, Map<String, Figure> figures) {
    return new FrontView(
        "candidate-" + candidate.id(),
        null,
        null,
        null,
        "candidate " + candidate.id(),
        candidate.row().labels,
        value(figures, Quantity.ACCURACY),
        null,
        null,
        null,
        null,
        null,
        FigureView.of(figures),
        Map.of(),
        List.of(),
        null,
        null);
  }

  private static @Nullable Double value(Map<String, Figure> figures, Quantity quantity) {
    Figure figure = figures.get(Metric.of(quantity).name());
    return figure == null ? null : figure.value();
  }

  private static FrontView of(
      FrontMemberRow member,
      Map<String, Figure> figures,
      Map<String, Figure> predicted,
      ArtifactFiles files) {
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
        FigureView.of(figures),
        FigureView.of(predicted),
        FrontMeasurementRow.<FrontMeasurementRow>list(
                "frontMemberId = ?1 order by measurementId", member.id)
            .stream()
            .map(row -> latency(row, predicted))
            .toList(),
        artifact.contentDeletedAt == null ? files.path(artifact.sha256).toString() : null,
        artifact.sha256);
  }

  private static Latency latency(FrontMeasurementRow row, Map<String, Figure> predicted) {
    MeasurementRow measurement = MeasurementRow.findById(Objects.requireNonNull(row.measurementId));
    DeviceRow device = DeviceRow.findById(measurement.deviceId);
    Figure expected = predicted.get(Metric.on(Quantity.LATENCY, device.name).name());
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
        expected == null ? null : expected.value(),
        expected == null ? null : expected.lower(),
        expected == null ? null : expected.upper());
  }
}
