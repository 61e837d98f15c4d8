package dev.lathe.service.rest;

import dev.lathe.farm.lease.JobState;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.MeasurementRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a device.
 *
 * @param measuring the job that it holds, if any
 * @param waiting the oldest jobs first, at most {@value #SHOWN}; searches take turns, one job each
 * @param waitingJobs how many there are in all
 * @param secondsPerJob median of its newest jobs, from one result to the next; null if too few
 * @param estimatedSeconds until all that waits is done; null if that cannot be told
 */
record DeviceQueue(
    @Nullable Entry measuring,
    List<Entry> waiting,
    long waitingJobs,
    @Nullable Double secondsPerJob,
    @Nullable Double estimatedSeconds) {
  private static final int SHOWN = 100;
  private static final int RECENT = 40;
  private static final int LEAST = 5;

  /** Pauses longer than this were none of the device's work. */
  private static final Duration PAUSE = Duration.ofMinutes(5);

  /**
   * A job.
   *
   * @param searchId whose it is; null of a health check
   * @param attempts begun so far
   */
  record Entry(
      long id,
      @Nullable Long searchId,
      String key,
      String protocol,
      String state,
      int attempts,
      Instant createdAt) {
    static Entry of(JobRow row) {
      return new Entry(
          row.number(),
          row.searchId,
          row.key,
          row.protocol,
          row.state.name(),
          row.attempts,
          row.createdAt);
    }
  }

  static DeviceQueue of(long deviceId) {
    Optional<Entry> measuring =
        JobRow.<JobRow>find("deviceId = ?1 and state = ?2 order by id", deviceId, JobState.LEASED)
            .firstResultOptional()
            .map(Entry::of);
    List<Entry> waiting =
        JobRow.<JobRow>find("deviceId = ?1 and state = ?2 order by id", deviceId, JobState.PENDING)
            .page(0, SHOWN)
            .stream()
            .map(Entry::of)
            .toList();
    long count = JobRow.count("deviceId = ?1 and state = ?2", deviceId, JobState.PENDING);
    Optional<Double> each = secondsPerJob(deviceId);
    return new DeviceQueue(
        measuring.orElse(null),
        waiting,
        count,
        each.orElse(null),
        each.map(seconds -> seconds * (count + (measuring.isPresent() ? 1 : 0))).orElse(null));
  }

  private static Optional<Double> secondsPerJob(long deviceId) {
    List<Instant> ends =
        MeasurementRow.<MeasurementRow>find("deviceId = ?1 order by id desc", deviceId)
            .page(0, RECENT)
            .stream()
            .map(row -> row.recordedAt)
            .toList();
    List<Double> gaps = new ArrayList<>();
    for (int i = 1; i < ends.size(); i++) {
      Duration gap = Duration.between(ends.get(i), ends.get(i - 1));
      if (!gap.isNegative() && gap.compareTo(PAUSE) < 0) {
        gaps.add(gap.toMillis() / 1000.0);
      }
    }
    return gaps.size() < LEAST
        ? Optional.empty()
        : Optional.of(gaps.stream().sorted().toList().get(gaps.size() / 2));
  }
}
