package dev.lathe.service.store;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where a search stands. */
public enum SearchState {
  /** Waits for its turn. */
  @JsonProperty("queued")
  QUEUED(false),
  /** Is at work, or will be when the service is up again. */
  @JsonProperty("running")
  RUNNING(false),
  /** Waits for a device; goes on by itself when that is there. Its message tells why. */
  @JsonProperty("waiting")
  WAITING(false),
  /** Will be paused once it has saved what it was doing. */
  @JsonProperty("pausing")
  PAUSING(false),
  /** Waits until someone resumes it. */
  @JsonProperty("paused")
  PAUSED(false),
  /** Has its front. */
  @JsonProperty("finished")
  FINISHED(true),
  /** Could not go on; may be resumed once the cause is gone. */
  @JsonProperty("failed")
  FAILED(true),
  /** Ended for good by someone. */
  @JsonProperty("cancelled")
  CANCELLED(true);

  private final boolean last;

  SearchState(boolean last) {
    this.last = last;
  }

  /** Whether nothing more happens by itself. */
  public boolean isLast() {
    return last;
  }
}
