package dev.lathe.service.farm;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.device.DeviceHealth;
import dev.lathe.farm.lease.JobState;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Measurements for one search, taken by the farm. */
public final class FarmMeasurements implements Measurements {
  private static final Duration DEVICE_PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final Request request;
  private final ArtifactFiles files;
  private final ModelReader reader;
  private final LeaseDesk desk;
  private final DeviceChoice choice;
  private final MachineGate gate;
  private final InstantSource clock;
  private final Runnable stopCheck;

  /**
   * Whose measurements.
   *
   * @param devices that the user named
   * @param replayOf a search whose measurements are taken, by key, in place of new ones
   */
  public record Request(long searchId, List<String> devices, OptionalLong replayOf) {}

  FarmMeasurements(
      Request request,
      ArtifactFiles files,
      ModelReader reader,
      LeaseDesk desk,
      DeviceChoice choice,
      MachineGate gate,
      InstantSource clock,
      Runnable stopCheck) {
    this.request = request;
    this.files = files;
    this.reader = reader;
    this.desk = desk;
    this.choice = choice;
    this.gate = gate;
    this.clock = clock;
    this.stopCheck = stopCheck;
  }

  @Override
  public List<DeviceRecord> devices() {
    return choice.of(request, stopCheck).stream().map(FarmMeasurements::record).toList();
  }

  @Override
  public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
    stopCheck.run();
    gate.rest();
    try {
      Map<String, DeviceRow> devices = new LinkedHashMap<>();
      choice.of(request, stopCheck).forEach(row -> devices.put(row.name, row));
      Map<MeasurementRequest, MeasurementOutcome> outcomes = new LinkedHashMap<>();
      Map<MeasurementRequest, Long> jobs = new LinkedHashMap<>();
      Map<MeasurementRequest, String> hashes = new LinkedHashMap<>();
      requests.forEach(of -> hashes.put(of, ArtifactFiles.sha256(of.model())));
      Map<MeasurementRequest, Optional<String>> structures = new LinkedHashMap<>();
      for (MeasurementRequest of : requests) {
        structures.put(of, reader.structure(of.model()));
        DeviceRow device = device(devices, of);
        recorded(of, hashes.get(of), device)
            .or(() -> takenOver(of, hashes.get(of), structures.get(of), device))
            .ifPresent(outcome -> outcomes.put(of, outcome));
        if (!outcomes.containsKey(of)) {
          files.put(of.model());
        }
      }
      Transactions.runPatiently(
          () -> {
            jobs.clear();
            for (MeasurementRequest of : requests) {
              if (!outcomes.containsKey(of)) {
                jobs.put(of, job(of, hashes.get(of), structures.get(of), device(devices, of)));
              }
            }
          });
      desk.jobsCame();
      await(jobs, outcomes, devices, progress);
      return requests.stream().map(of -> outcomes.get(of)).toList();
    } finally {
      gate.work(stopCheck);
    }
  }

  /** Waits until every job has its outcome. */
  private void await(
      Map<MeasurementRequest, Long> jobs,
      Map<MeasurementRequest, MeasurementOutcome> outcomes,
      Map<String, DeviceRow> devices,
      Progress progress) {
    Map<String, Heard> heardOf = new LinkedHashMap<>();
    devices.forEach((name, device) -> heardOf.put(name, new Heard(device)));
    int total = jobs.size() + outcomes.size();
    progress.at(outcomes.size(), total);
    while (!jobs.isEmpty()) {
      long heard = desk.jobsEnded().rings();
      stopCheck.run();
      Map<MeasurementRequest, MeasurementOutcome> fresh =
          Transactions.callPatiently(() -> ended(jobs));
      outcomes.putAll(fresh);
      jobs.keySet().removeAll(fresh.keySet());
      if (!fresh.isEmpty()) {
        progress.at(outcomes.size(), total);
      } else if (!jobs.isEmpty()) {
        for (String waited : jobs.keySet().stream().map(of -> of.device()).distinct().toList()) {
          requireThere(devices.get(waited).number(), heardOf.get(waited));
        }
        desk.jobsEnded().await(heard, LOOK_AGAIN);
      }
    }
  }

  private Map<MeasurementRequest, MeasurementOutcome> ended(Map<MeasurementRequest, Long> jobs) {
    Map<Long, JobRow> last = new LinkedHashMap<>();
    JobRow.<JobRow>list(
            "id in ?1 and state in ?2",
            List.copyOf(jobs.values()),
            Arrays.stream(JobState.values()).filter(JobState::isLast).toList())
        .forEach(row -> last.put(row.number(), row));
    Map<MeasurementRequest, MeasurementOutcome> outcomes = new LinkedHashMap<>();
    jobs.forEach(
        (of, id) -> {
          JobRow row = last.get(id);
          if (row != null) {
            outcomes.put(of, outcome(of, row));
          }
        });
    return outcomes;
  }

  private static MeasurementOutcome outcome(MeasurementRequest of, JobRow job) {
    if (job.state == JobState.DONE) {
      return measured(
          of, MeasurementRow.<MeasurementRow>find("jobId", job.number()).singleResult());
    }
    return new MeasurementOutcome.Failed(
        of.key(),
        job.failureKind == null ? job.state.name() : job.failureKind,
        job.failureMessage == null ? "the job is " + job.state : job.failureMessage);
  }

  /** What this search, or the one that it replays, has on record for a request. */
  private Optional<MeasurementOutcome> recorded(
      MeasurementRequest of, String sha256, DeviceRow device) {
    return Transactions.callPatiently(
        () -> {
          Optional<MeasurementRow> own =
              MeasurementRow.<MeasurementRow>find(
                      "searchId = ?1 and key = ?2 and modelSha256 = ?3 and protocol = ?4 and deviceId = ?5 order by id",
                      request.searchId(),
                      of.key(),
                      sha256,
                      of.protocol(),
                      device.number())
                  .firstResultOptional();
          return own.or(() -> replayed(of, device)).map(row -> measured(of, row));
        });
  }

  /** What another search measured of a network of the same structure. */
  private Optional<MeasurementOutcome> takenOver(
      MeasurementRequest of, String sha256, Optional<String> structure, DeviceRow device) {
    return structure.isEmpty()
        ? Optional.empty()
        : Transactions.callPatiently(
            () ->
                EarlierMeasurements.take(
                        of, sha256, structure.get(), device, request.searchId(), clock.instant())
                    .map(row -> measured(of, row)));
  }

  private Optional<MeasurementRow> replayed(MeasurementRequest of, DeviceRow device) {
    return request.replayOf().isEmpty()
        ? Optional.empty()
        : MeasurementRow.<MeasurementRow>find(
                "searchId = ?1 and key = ?2 and protocol = ?3 and deviceId = ?4 order by id",
                request.replayOf().getAsLong(),
                of.key(),
                of.protocol(),
                device.number())
            .firstResultOptional();
  }

  /** The job for a request: the one from before a restart, or a new one. */
  private long job(
      MeasurementRequest of, String sha256, Optional<String> structure, DeviceRow device) {
    Optional<JobRow> earlier =
        JobRow.<JobRow>find(
                "searchId = ?1 and key = ?2 and modelSha256 = ?3 and protocol = ?4 and deviceId = ?5 order by id desc",
                request.searchId(),
                of.key(),
                sha256,
                of.protocol(),
                device.number())
            .firstResultOptional()
            .filter(FarmMeasurements::stillTells);
    if (earlier.isPresent()) {
      return earlier.get().number();
    }
    JobRow row = new JobRow();
    row.deviceId = device.number();
    row.searchId = request.searchId();
    row.key = of.key();
    row.precision = of.precision();
    row.protocol = of.protocol();
    row.modelSha256 = sha256;
    row.structureSha256 = structure.orElse(null);
    row.modelBytes = of.model().length;
    row.state = JobState.PENDING;
    row.createdAt = clock.instant();
    row.persist();
    return row.number();
  }

  /** Whether the job will end by itself, or ended in a way that another one would end too. */
  private static boolean stillTells(JobRow job) {
    return !job.state.isLast()
        || (job.state == JobState.FAILED
            && job.failureKind != null
            && !FailureKind.valueOf(job.failureKind).retried());
  }

  /**
   * When the device last gave a sign or took jobs, by a clock that does not jump and that stands
   * still while this machine is suspended.
   */
  private static final class Heard {
    private Instant seen;
    private long atNanos = System.nanoTime();

    Heard(DeviceRow device) {
      seen = device.lastSeenAt;
    }

    /** How long it has been away, or out of service. */
    Duration away(DeviceRow device) {
      if (!device.lastSeenAt.equals(seen) && Devices.health(device).takesJobs()) {
        seen = device.lastSeenAt;
        atNanos = System.nanoTime();
      }
      return Duration.ofNanos(System.nanoTime() - atNanos);
    }
  }

  private static void requireThere(long deviceId, Heard heard) {
    DeviceRow device = Transactions.callPatiently(() -> Devices.get(deviceId));
    DeviceHealth health = Devices.health(device);
    boolean out = !health.takesJobs() && !health.takesChecks();
    if (out || heard.away(device).compareTo(DEVICE_PATIENCE) > 0) {
      throw new DeviceAway(
          deviceId,
          health.takesJobs()
              ? "waits for device '%s', last heard of at %s. Maybe start its agent: lathe agent --name %s"
                  .formatted(
                      device.name, device.lastSeenAt.truncatedTo(ChronoUnit.SECONDS), device.name)
              : "waits for device '%s', which takes no jobs: %s (%s)"
                  .formatted(
                      device.name,
                      health.health().name().toLowerCase(Locale.ROOT),
                      health.reason()));
    }
  }

  private static MeasurementOutcome measured(MeasurementRequest of, MeasurementRow row) {
    return new MeasurementOutcome.Measured(
        of.key(),
        row.number(),
        Devices.get(row.deviceId).name,
        row.runtime,
        row.threads,
        row.batch,
        row.protocol,
        Arrays.stream(row.samplesMillis).boxed().toList(),
        row.p50Millis,
        row.p90Millis,
        row.p99Millis,
        row.madMillis,
        row.sentinelBeforeMillis,
        row.sentinelAfterMillis,
        row.figures);
  }

  private static DeviceRow device(Map<String, DeviceRow> devices, MeasurementRequest of) {
    DeviceRow device = devices.get(of.device());
    if (device == null) {
      throw new MeasurementException(
          "'%s' is no device of this search, only %s.".formatted(of.device(), devices.keySet()));
    }
    return device;
  }

  private static DeviceRecord record(DeviceRow row) {
    return new DeviceRecord(
        row.number(), row.name, row.backend, row.runtime, row.measuredThreads, row.processor);
  }
}
