package dev.lathe.farm.device;

/** How far a device is trusted; apart from what it is doing. */
public enum Health {
  /** Gets jobs. */
  GOOD,
  /** Must pass a health check before it gets jobs again. */
  UNKNOWN,
  /** Quarantined: gets health checks only, and jobs again when one passes or a person says so. */
  BAD,
  /** Taken out by a person for a while: gets nothing. */
  MAINTENANCE,
  /** Taken out by a person for good. */
  RETIRED
}
