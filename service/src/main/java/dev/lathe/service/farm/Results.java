package dev.lathe.service.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.lease.Result;
import dev.lathe.farm.lease.Submission;
import dev.lathe.farm.lease.Transition;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.farm.message.ResultMessage;
import dev.lathe.service.farm.ResultCheck.Misfit;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.LeaseRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Records what agents bring: once, whoever brings it how often. */
@ApplicationScoped
public class Results {
  private static final ObjectMapper JSON = FarmJson.mapper();

  private final InstantSource clock;
  private final LeaseDesk desk;
  private final double maxDrift;

  Results(
      InstantSource clock,
      LeaseDesk desk,
      @ConfigProperty(name = "lathe.measurements.max-drift", defaultValue = "0.05")
          double maxDrift) {
    this.clock = clock;
    this.desk = desk;
    this.maxDrift = maxDrift;
  }

  /**
   * Records a result; the same one again changes nothing. A measurement that is not what the job
   * asks for fails the attempt as the device's failure does: the job is tried again, the device
   * proves itself first.
   *
   * @param body JSON of a {@link ResultMessage}
   * @param sha256 of the body as the agent computed it
   * @throws FarmRefusal if the body is damaged, another result is there, the lease is over, or the
   *     measurement is not what the job asks for
   */
  public void submit(String leaseId, byte[] body, String sha256) {
    if (!ArtifactFiles.sha256(body).equalsIgnoreCase(sha256)) {
      throw new FarmRefusal(
          FarmRefusal.Kind.INVALID,
          "the body of the result has not the SHA-256 that %s says. Maybe it was damaged on its way; send it again."
              .formatted(ResultMessage.HASH_HEADER));
    }
    ResultMessage message = read(body);
    AtomicReference<@Nullable String> unfit = new AtomicReference<>();
    Submission answer =
        Transactions.call(
            () -> {
              JobRow job = LeaseDesk.lockedJobOf(leaseId);
              LeaseRow lease = LeaseDesk.get(leaseId);
              Optional<Misfit> misfit = misfit(message.outcome(), job, lease);
              unfit.set(misfit.map(Misfit::reason).orElse(null));
              Outcome outcome =
                  misfit
                      .<Outcome>map(why -> new Outcome.Failed(why.kind(), why.reason()))
                      .orElseGet(message::outcome);
              Result result =
                  new Result(message.fencing(), ArtifactFiles.sha256(body), failure(outcome));
              Submission submission =
                  desk.leases().submit(LeaseDesk.job(job), LeaseDesk.attempt(lease), result);
              if (submission instanceof Submission.Recorded(Transition transition)) {
                desk.store(transition, job, lease);
                record(job, lease, outcome);
              }
              return submission;
            });
    switch (answer) {
      case Submission.Recorded recorded -> desk.ended(leaseId);
      case Submission.Duplicate duplicate -> {}
      case Submission.Conflict(String reason) ->
          throw new FarmRefusal(FarmRefusal.Kind.CONFLICT, reason);
      case Submission.Stale(String reason) -> throw new FarmRefusal(FarmRefusal.Kind.GONE, reason);
    }
    String reason = unfit.get();
    if (reason != null) {
      throw new FarmRefusal(FarmRefusal.Kind.UNFIT, reason);
    }
  }

  private Optional<Misfit> misfit(Outcome outcome, JobRow job, LeaseRow lease) {
    return outcome instanceof Outcome.Measured(Measurement measurement)
        ? misfit(measurement, job, Devices.get(lease.deviceId))
        : Optional.empty();
  }

  private Optional<Misfit> misfit(Measurement measurement, JobRow job, DeviceRow device) {
    return new ResultCheck(LeaseDesk.protocol(job, device), device.runtime, maxDrift)
        .misfit(measurement);
  }

  private static Optional<FailureKind> failure(Outcome outcome) {
    return outcome instanceof Outcome.Failed(FailureKind kind, String ignored)
        ? Optional.of(kind)
        : Optional.empty();
  }

  private static ResultMessage read(byte[] body) {
    try {
      return JSON.readValue(body, ResultMessage.class);
    } catch (IOException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new FarmRefusal(
          FarmRefusal.Kind.INVALID, "the result cannot be read: " + cause.getMessage());
    }
  }

  private void record(JobRow job, LeaseRow lease, Outcome outcome) {
    DeviceRow device = Devices.locked(lease.deviceId);
    device.lastSeenAt = clock.instant();
    Optional<FailureKind> failure = Optional.empty();
    switch (outcome) {
      case Outcome.Measured(Measurement measurement) -> {
        row(job, lease, measurement).persist();
        job.failureKind = null;
        job.failureMessage = null;
      }
      case Outcome.Failed(FailureKind kind, String message) -> {
        failure = Optional.of(kind);
        job.failureKind = kind.name();
        job.failureMessage = message;
      }
    }
    Devices.set(
        device,
        job.healthCheck
            ? Devices.health(device).afterCheck(failure)
            : Devices.health(device).afterJob(failure));
  }

  private MeasurementRow row(JobRow job, LeaseRow lease, Measurement measurement) {
    MeasurementRow row = new MeasurementRow();
    row.jobId = job.number();
    row.deviceId = lease.deviceId;
    row.searchId = job.searchId;
    row.key = job.key;
    row.precision = job.precision;
    row.modelSha256 = job.modelSha256;
    row.structureSha256 = job.structureSha256;
    row.attempt = lease.attempt;
    row.runtime = measurement.runtime();
    row.threads = measurement.threads();
    row.batch = measurement.batch();
    row.warmups = measurement.warmups();
    row.protocol = measurement.protocol();
    row.samplesMillis = measurement.samplesMillis();
    row.p50Millis = measurement.p50();
    row.p90Millis = measurement.p90();
    row.p99Millis = measurement.p99();
    row.madMillis = measurement.mad();
    row.sentinelBeforeMillis = measurement.sentinelBeforeMillis();
    row.sentinelAfterMillis = measurement.sentinelAfterMillis();
    row.environment = measurement.environment();
    row.figures = measurement.figures();
    row.verdict = measurement.verdict().level().word();
    row.verdictReason = measurement.verdict().reason();
    row.startedAt = measurement.startedAt();
    row.recordedAt = clock.instant();
    return row;
  }
}
