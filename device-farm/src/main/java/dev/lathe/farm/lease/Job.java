package dev.lathe.farm.lease;

/**
 * A network to be measured, as far as leases are concerned.
 *
 * @param id of the job
 * @param state where it stands
 * @param attempts attempts granted so far; the number of the newest, and its fencing number
 */
public record Job(String id, JobState state, int attempts) {
  public Job {
    if (attempts < 0 || (attempts == 0 && (state == JobState.LEASED || state == JobState.DONE))) {
      throw new IllegalArgumentException(
          "job '%s' cannot be %s with %d attempts.".formatted(id, state, attempts));
    }
  }

  /** A job that waits for its first attempt. */
  public static Job pending(String id) {
    return new Job(id, JobState.PENDING, 0);
  }

  Job to(JobState next) {
    return new Job(id, next, attempts);
  }
}
