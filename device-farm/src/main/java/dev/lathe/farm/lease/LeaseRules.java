package dev.lathe.farm.lease;

import java.time.Duration;

/**
 * How long leases last and how often a job is tried.
 *
 * @param lease from grant or renewal to deadline; agents renew at a third of it
 * @param hardLimit from grant to the hard deadline, at least {@code lease}
 * @param maxAttempts after which a job fails for good, at least 1
 */
public record LeaseRules(Duration lease, Duration hardLimit, int maxAttempts) {
  public LeaseRules {
    if (!lease.isPositive() || hardLimit.compareTo(lease) < 0) {
      throw new IllegalArgumentException(
          "a lease must be positive and within its hard limit, not %s and %s."
              .formatted(lease, hardLimit));
    }
    if (maxAttempts < 1) {
      throw new IllegalArgumentException(
          "maxAttempts must be at least 1, not %d.".formatted(maxAttempts));
    }
  }

  /** Leases of 30 seconds, ten minutes in all, three attempts. */
  public static LeaseRules usual() {
    return new LeaseRules(Duration.ofSeconds(30), Duration.ofMinutes(10), 3);
  }
}
