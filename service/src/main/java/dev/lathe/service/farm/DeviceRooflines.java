package dev.lathe.service.farm;

import dev.lathe.latency.Roofline;
import dev.lathe.runs.isolated.ModelFailure;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.Transactions;
import io.quarkus.panache.common.Page;
import jakarta.inject.Singleton;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Fits rooflines of devices to the measurements on record. */
@Singleton
public class DeviceRooflines {
  private static final int LEAST_NETWORKS = 8;
  private static final int MOST_NETWORKS = 60;
  private static final int MOST_ROWS = 400;

  private final ArtifactFiles files;
  private final ModelReader reader;

  DeviceRooflines(ArtifactFiles files, ModelReader reader) {
    this.files = files;
    this.reader = reader;
  }

  /** A device's roofline and the number of measured networks to which it was fitted. */
  public record Fitted(Roofline roofline, int measurements) {}

  /**
   * Fits to the networks of a precision that the device measured last.
   *
   * @throws Problem if fewer than {@value #LEAST_NETWORKS} of them are on record
   */
  public Fitted of(long deviceId, String precision) {
    List<Roofline.Measured> samples = new ArrayList<>();
    latest(deviceId, precision)
        .forEach(
            (sha256, millis) -> {
              if (samples.size() < MOST_NETWORKS && Files.exists(files.path(sha256))) {
                try {
                  samples.add(new Roofline.Measured(reader.kernels(files.path(sha256)), millis));
                } catch (ModelFailure e) {
                  // A model that can be measured but not read here tells nothing of its kernels.
                  return;
                }
              }
            });
    if (samples.size() < LEAST_NETWORKS) {
      throw Problem.notFound(
          "device %d has %d measured %s networks on record, a roofline needs %d. Maybe run a search on it first: that calibrates it."
              .formatted(deviceId, samples.size(), precision, LEAST_NETWORKS));
    }
    return new Fitted(Roofline.fit(samples), samples.size());
  }

  /**
   * The latest latency of each model, the newest first: of networks that searches made, as what a
   * compression was given may hold operators whose cost no rule tells.
   */
  private static Map<String, Double> latest(long deviceId, String precision) {
    return Transactions.call(
        () -> {
          Map<String, Double> latest = new LinkedHashMap<>();
          MeasurementRow.<MeasurementRow>find(
                  "deviceId = ?1 and precision = ?2 and key != 'health-check' and (searchId is null or searchId in (select id from SearchRow where kind != ?3)) order by id desc",
                  deviceId,
                  precision,
                  RunKind.COMPRESSION)
              .page(Page.ofSize(MOST_ROWS))
              .stream()
              .forEach(row -> latest.putIfAbsent(row.modelSha256, row.p50Millis));
          return latest;
        });
  }
}
