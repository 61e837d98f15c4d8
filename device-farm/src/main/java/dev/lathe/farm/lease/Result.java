package dev.lathe.farm.lease;

import dev.lathe.farm.FailureKind;
import java.util.Optional;

/**
 * What an agent sends at the end of an attempt, as far as leases are concerned.
 *
 * @param fencing number that the agent was given with its lease
 * @param sha256 hash of the body, lower-case hex: two results with one hash are one result
 * @param failure why there are no figures; empty if there are
 */
public record Result(long fencing, String sha256, Optional<FailureKind> failure) {
  public Result {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "'%s' is no SHA-256. Maybe it is not 64 lower-case hexadecimal digits."
              .formatted(sha256));
    }
  }
}
