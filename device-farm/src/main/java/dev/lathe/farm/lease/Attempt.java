package dev.lathe.farm.lease;

import java.time.Instant;
import java.util.Optional;

/**
 * One attempt at a job: a lease and what came of it. (job, number) is unique.
 *
 * @param leaseId unguessable id under which the agent speaks of this attempt
 * @param jobId the job
 * @param number 1 for the job's first attempt; grows with every grant, so it is the fencing number
 * @param deviceId the device that holds the lease
 * @param state where it stands
 * @param grantedAt by the service's clock
 * @param deadline when the lease runs out unless renewed
 * @param hardDeadline beyond which no renewal reaches
 * @param resultSha256 hash of the recorded result's body, lower-case hex, once there is one
 */
public record Attempt(
    String leaseId,
    String jobId,
    int number,
    String deviceId,
    AttemptState state,
    Instant grantedAt,
    Instant deadline,
    Instant hardDeadline,
    Optional<String> resultSha256) {

  public Attempt {
    if (number < 1) {
      throw new IllegalArgumentException(
          "attempts of job '%s' are numbered from 1, not %d.".formatted(jobId, number));
    }
    if (deadline.isAfter(hardDeadline)) {
      throw new IllegalArgumentException(
          "deadline %s of lease '%s' lies after its hard deadline %s."
              .formatted(deadline, leaseId, hardDeadline));
    }
  }

  /** The number that a result must carry to be recorded. */
  public long fencing() {
    return number;
  }

  Attempt until(Instant newDeadline) {
    return new Attempt(
        leaseId,
        jobId,
        number,
        deviceId,
        state,
        grantedAt,
        newDeadline,
        hardDeadline,
        resultSha256);
  }

  Attempt to(AttemptState next) {
    return new Attempt(
        leaseId, jobId, number, deviceId, next, grantedAt, deadline, hardDeadline, resultSha256);
  }

  Attempt with(AttemptState next, String sha256) {
    return new Attempt(
        leaseId,
        jobId,
        number,
        deviceId,
        next,
        grantedAt,
        deadline,
        hardDeadline,
        Optional.of(sha256));
  }
}
