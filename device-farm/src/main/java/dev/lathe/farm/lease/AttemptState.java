package dev.lathe.farm.lease;

/** Where one attempt at a job stands. */
public enum AttemptState {
  /** Its lease is held. */
  RUNNING,
  /** Its result was recorded. */
  SUCCEEDED,
  /** It reported a failure. */
  FAILED,
  /** Its lease ran out: whatever it still sends is refused. */
  EXPIRED,
  /** Its job was cancelled under it. */
  CANCELLED
}
