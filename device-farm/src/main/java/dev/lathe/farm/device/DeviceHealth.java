package dev.lathe.farm.device;

import dev.lathe.farm.FailureKind;
import java.util.Optional;

/**
 * The health of one device and what led to it; immutable.
 *
 * @param health how far it is trusted
 * @param unstableInARow measurements rejected for drift since the last good one
 * @param reason why it is not {@link Health#GOOD}, for people; empty text if it is
 */
public record DeviceHealth(Health health, int unstableInARow, String reason) {
  /** So many measurements rejected in a row quarantine a device. */
  public static final int UNSTABLE_LIMIT = 3;

  /** A device that nothing is known against. */
  public static DeviceHealth good() {
    return new DeviceHealth(Health.GOOD, 0, "");
  }

  /** Whether the device may be given ordinary jobs. */
  public boolean takesJobs() {
    return health == Health.GOOD;
  }

  /** Whether the device is to be given a health check: a measurement of the sentinel network. */
  public boolean takesChecks() {
    return health == Health.UNKNOWN || health == Health.BAD;
  }

  /**
   * The health after an ordinary job ended. Failures that the model brought about, a model that did
   * not arrive, and a stopped agent say nothing about the device.
   *
   * @param failure why the job has no figures; empty if it has
   */
  public DeviceHealth afterJob(Optional<FailureKind> failure) {
    if (health != Health.GOOD) {
      return this;
    }
    if (failure.isEmpty()) {
      return good();
    }
    return switch (failure.get()) {
      case UNSTABLE ->
          unstableInARow + 1 < UNSTABLE_LIMIT
              ? new DeviceHealth(Health.GOOD, unstableInARow + 1, "")
              : new DeviceHealth(
                  Health.BAD,
                  unstableInARow + 1,
                  "%d measurements in a row were rejected because the machine was not quiet."
                      .formatted(unstableInARow + 1));
      case DEVICE ->
          new DeviceHealth(
              Health.UNKNOWN, unstableInARow, "the device failed; a health check comes first.");
      case MODEL_REFUSED, CRASHED, OUT_OF_MEMORY, TIMED_OUT, NO_RESULT, DOWNLOAD, STOPPED -> this;
    };
  }

  /** The health after a health check. A device that a person took out stays out. */
  public DeviceHealth afterCheck(Optional<FailureKind> failure) {
    return switch (health) {
      case GOOD, UNKNOWN, BAD -> {
        if (failure.isEmpty()) {
          yield good();
        }
        yield failure.get() == FailureKind.STOPPED || failure.get() == FailureKind.DOWNLOAD
            ? this
            : new DeviceHealth(
                Health.BAD,
                unstableInARow,
                "its health check failed: %s.".formatted(failure.get()));
      }
      case MAINTENANCE, RETIRED -> this;
    };
  }

  /**
   * The health that a person sets; leads out of quarantine and maintenance, never of retirement.
   */
  public DeviceHealth set(Health wanted, String why) {
    if (health == Health.RETIRED && wanted != Health.RETIRED) {
      throw new IllegalStateException(
          "a retired device cannot become %s. Maybe register it under a new name."
              .formatted(wanted));
    }
    return wanted == Health.GOOD ? good() : new DeviceHealth(wanted, 0, why);
  }
}
