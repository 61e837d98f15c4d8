package dev.lathe.latency.cost;

/**
 * A predicted cost with its 90 % interval, in the unit of the cost.
 *
 * @param value the expected cost
 * @param lower lower end of the interval
 * @param upper upper end of the interval: what is compared with a limit
 */
public record CostEstimate(Cost cost, double value, double lower, double upper) {
  public CostEstimate {
    if (!(lower <= value && value <= upper)) {
      throw new IllegalArgumentException(
          "%s of %s is outside of its interval %s .. %s.".formatted(cost, value, lower, upper));
    }
  }

  /** Whether the interval contains a measured cost. */
  public boolean contains(double measured) {
    return lower <= measured && measured <= upper;
  }
}
