package dev.lathe.farm.lease;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The rules of jobs and leases. Each method looks at a job and one of its attempts as they are
 * stored and says what they become; nothing is changed in place. The caller stores a {@link
 * Transition} in one transaction, on condition that job and attempt are still as they were read, so
 * that a job's result is recorded exactly once although its execution may be tried often.
 *
 * <p>Safety rests on fencing numbers and that condition, never on clocks: a clock that jumps can
 * only end a lease early, or let one live longer than meant. A result that comes after its lease's
 * deadline is refused even if nobody else took the job, because the machine may not have been kept
 * quiet for it any more.
 */
public final class Leases {
  private final LeaseRules rules;
  private final InstantSource clock;

  public Leases(LeaseRules rules, InstantSource clock) {
    this.rules = rules;
    this.clock = clock;
  }

  /**
   * Leases a pending job to a device.
   *
   * @param leaseId unguessable and never used before
   * @throws IllegalStateException if the job is not pending
   */
  public Transition grant(Job job, String leaseId, String deviceId) {
    if (job.state() != JobState.PENDING) {
      throw new IllegalStateException(
          "job '%s' is %s, only a PENDING job can be leased.".formatted(job.id(), job.state()));
    }
    Instant now = clock.instant();
    Job leased = new Job(job.id(), JobState.LEASED, job.attempts() + 1);
    return new Transition(
        leased,
        new Attempt(
            leaseId,
            job.id(),
            leased.attempts(),
            deviceId,
            AttemptState.RUNNING,
            now,
            now.plus(rules.lease()),
            now.plus(rules.hardLimit()),
            Optional.empty()));
  }

  /** Extends a lease that is still held, up to its hard deadline; never shortens it. */
  public Renewal renew(Job job, Attempt attempt) {
    Instant now = clock.instant();
    Optional<String> over = over(job, attempt, now);
    if (over.isPresent()) {
      return new Renewal.Gone(over.get());
    }
    Instant wanted = now.plus(rules.lease());
    Instant later = wanted.isAfter(attempt.deadline()) ? wanted : attempt.deadline();
    Instant deadline = later.isAfter(attempt.hardDeadline()) ? attempt.hardDeadline() : later;
    return new Renewal.Renewed(new Transition(job, attempt.until(deadline)));
  }

  /**
   * Decides about a result. With figures the job is done; a failure that is worth retrying puts it
   * back until its attempts are used up; any other failure ends it.
   */
  public Submission submit(Job job, Attempt attempt, Result result) {
    requireSameJob(job, attempt);
    if (result.fencing() != attempt.fencing()) {
      return new Submission.Stale(
          "fencing number %d is not that of lease '%s', %d."
              .formatted(result.fencing(), attempt.leaseId(), attempt.fencing()));
    }
    if (attempt.resultSha256().isPresent()) {
      return attempt.resultSha256().get().equals(result.sha256())
          ? new Submission.Duplicate()
          : new Submission.Conflict(
              "attempt %d of job '%s' has a result with SHA-256 %s, not %s."
                  .formatted(
                      attempt.number(), job.id(), attempt.resultSha256().get(), result.sha256()));
    }
    Optional<String> over = over(job, attempt, clock.instant());
    if (over.isPresent()) {
      return new Submission.Stale(over.get());
    }
    if (result.failure().isEmpty()) {
      return new Submission.Recorded(
          new Transition(
              job.to(JobState.DONE), attempt.with(AttemptState.SUCCEEDED, result.sha256())));
    }
    JobState next = result.failure().get().retried() ? afterLostAttempt(job) : JobState.FAILED;
    return new Submission.Recorded(
        new Transition(job.to(next), attempt.with(AttemptState.FAILED, result.sha256())));
  }

  /**
   * What becomes of a job whose newest attempt's lease has run out: it waits again, or fails once
   * its attempts are used up. Empty if the lease is held or over already.
   */
  public Optional<Transition> expire(Job job, Attempt attempt) {
    requireSameJob(job, attempt);
    if (attempt.state() != AttemptState.RUNNING || clock.instant().isBefore(attempt.deadline())) {
      return Optional.empty();
    }
    return Optional.of(
        new Transition(job.to(afterLostAttempt(job)), attempt.to(AttemptState.EXPIRED)));
  }

  /** Cancels a job that nobody holds; a job in its last state stays as it is. */
  public Job cancel(Job job) {
    if (job.state() == JobState.LEASED) {
      throw new IllegalStateException(
          "job '%s' is leased. Maybe cancel it together with its newest attempt."
              .formatted(job.id()));
    }
    return job.state().isLast() ? job : job.to(JobState.CANCELLED);
  }

  /** Cancels a leased job: its attempt ends, and what the agent still sends is refused. */
  public Transition cancel(Job job, Attempt attempt) {
    requireSameJob(job, attempt);
    return job.state() == JobState.LEASED && attempt.state() == AttemptState.RUNNING
        ? new Transition(job.to(JobState.CANCELLED), attempt.to(AttemptState.CANCELLED))
        : new Transition(cancel(job), attempt);
  }

  private JobState afterLostAttempt(Job job) {
    return job.attempts() < rules.maxAttempts() ? JobState.PENDING : JobState.FAILED;
  }

  /** Why the lease is no longer held, or empty if it is. */
  private static Optional<String> over(Job job, Attempt attempt, Instant now) {
    requireSameJob(job, attempt);
    if (attempt.state() != AttemptState.RUNNING) {
      return Optional.of("lease '%s' is %s.".formatted(attempt.leaseId(), attempt.state()));
    }
    if (job.state() != JobState.LEASED || job.attempts() != attempt.number()) {
      return Optional.of(
          "job '%s' is %s at attempt %d, lease '%s' is of attempt %d."
              .formatted(
                  job.id(), job.state(), job.attempts(), attempt.leaseId(), attempt.number()));
    }
    return now.isBefore(attempt.deadline())
        ? Optional.empty()
        : Optional.of("lease '%s' ran out at %s.".formatted(attempt.leaseId(), attempt.deadline()));
  }

  private static void requireSameJob(Job job, Attempt attempt) {
    if (!attempt.jobId().equals(job.id())) {
      throw new IllegalArgumentException(
          "lease '%s' is of job '%s', not of job '%s'."
              .formatted(attempt.leaseId(), attempt.jobId(), job.id()));
    }
  }
}
