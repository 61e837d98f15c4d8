package dev.lathe.service.rest;

import dev.lathe.service.store.MeasurementRow;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a device measured lately. */
final class DeviceHistory {
  private static final int JUDGED = 200;

  private DeviceHistory() {}

  /**
   * One measurement.
   *
   * @param searchId whose it was; null of a health check
   * @param p50Millis median latency
   * @param figures metrics beside latency, by name
   * @param sentinelBeforeMillis 0 where the device has no sentinel
   */
  public record Entry(
      long id,
      @Nullable Long searchId,
      String key,
      String modelSha256,
      String protocol,
      double p50Millis,
      Map<String, Double> figures,
      double sentinelBeforeMillis,
      double sentinelAfterMillis,
      String verdict,
      String verdictReason,
      Instant recordedAt) {}

  static List<Entry> of(long deviceId, int size) {
    return MeasurementRow.<MeasurementRow>find("deviceId = ?1 order by id desc", deviceId)
        .page(0, size)
        .stream()
        .map(
            row ->
                new Entry(
                    row.number(),
                    row.searchId,
                    row.key,
                    row.modelSha256,
                    row.protocol,
                    row.p50Millis,
                    row.figures,
                    row.sentinelBeforeMillis,
                    row.sentinelAfterMillis,
                    row.verdict,
                    row.verdictReason,
                    row.recordedAt))
        .toList();
  }

  /** How many of the newest measurements were judged how. */
  static Map<String, Long> verdicts(long deviceId) {
    Map<String, Long> counts = new TreeMap<>();
    MeasurementRow.getEntityManager()
        .createQuery(
            "select m.verdict from MeasurementRow m where m.deviceId = ?1 order by m.id desc",
            String.class)
        .setParameter(1, deviceId)
        .setMaxResults(JUDGED)
        .getResultStream()
        .forEach(verdict -> counts.merge(verdict, 1L, Long::sum));
    return counts;
  }
}
