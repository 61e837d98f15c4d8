package dev.lathe.farm.agent;

import dev.lathe.farm.Sha256;
import java.nio.charset.StandardCharsets;

/**
 * A result that the service has not acknowledged yet: all that is needed to send it, byte by byte
 * the same each time.
 *
 * @param leaseId whose result it is
 * @param token of the lease
 * @param sha256 of the body
 * @param body the JSON to send
 */
record SpooledResult(String leaseId, String token, String sha256, String body) {
  static SpooledResult of(String leaseId, String token, String body) {
    return new SpooledResult(
        leaseId, token, Sha256.of(body.getBytes(StandardCharsets.UTF_8)), body);
  }

  boolean isWhole() {
    return Sha256.of(body.getBytes(StandardCharsets.UTF_8)).equals(sha256);
  }
}
