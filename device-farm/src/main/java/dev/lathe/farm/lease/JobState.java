package dev.lathe.farm.lease;

/** Where a job stands. */
public enum JobState {
  /** Waits for an agent. */
  PENDING(false),
  /** An agent holds a lease on it. */
  LEASED(false),
  /** Its result is recorded. */
  DONE(true),
  /** It has no figures and gets no further attempt. */
  FAILED(true),
  /** It is no longer wanted. */
  CANCELLED(true);

  private final boolean last;

  JobState(boolean last) {
    this.last = last;
  }

  /** Whether a job in this state never changes again. */
  public boolean isLast() {
    return last;
  }
}
