package dev.lathe.farm.device;

import java.time.Duration;
import java.time.Instant;

/** What a device is doing; apart from how far it is trusted, which is its {@link Health}. */
public enum DeviceState {
  /** Its agent was not heard of for a while. */
  OFFLINE,
  /** Its agent waits for a job. */
  IDLE,
  /** It holds a lease. */
  BUSY;

  /** An agent claims at least every 25 seconds: after a minute of silence it is gone. */
  public static final Duration OFFLINE_AFTER = Duration.ofSeconds(60);

  /**
   * The state of a device.
   *
   * @param lastSeen when its agent last made a request of any kind
   * @param holdsLease whether it holds a lease that has not run out
   */
  public static DeviceState of(Instant lastSeen, boolean holdsLease, Instant now) {
    if (holdsLease) {
      return BUSY;
    }
    return now.isBefore(lastSeen.plus(OFFLINE_AFTER)) ? IDLE : OFFLINE;
  }
}
