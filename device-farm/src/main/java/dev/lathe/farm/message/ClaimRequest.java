package dev.lathe.farm.message;

/**
 * Body of {@code POST /api/v1/agents/{deviceId}/claim}: the agent waits for a job.
 *
 * @param waitSeconds after which the service answers 204 if there is none, 0 to 25
 */
public record ClaimRequest(int waitSeconds) {
  /** No claim waits longer. */
  public static final int MAX_WAIT_SECONDS = 25;

  public ClaimRequest {
    if (waitSeconds < 0 || waitSeconds > MAX_WAIT_SECONDS) {
      throw new IllegalArgumentException(
          "waitSeconds must be 0 to %d, not %d.".formatted(MAX_WAIT_SECONDS, waitSeconds));
    }
  }
}
