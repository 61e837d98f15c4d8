package dev.lathe.farm.message;

import dev.lathe.farm.MeasurementProtocol;
import java.time.Instant;

/**
 * Answer 200 to {@link ClaimRequest}: a job and the lease on it.
 *
 * @param jobId the job
 * @param attempt its attempt, from 1
 * @param leaseId under which the agent speaks of it: {@code /api/v1/leases/{leaseId}/…}
 * @param fencing number that the result must carry
 * @param leaseSeconds how long the lease lasts from now; the agent counts by its own clock and
 *     renews at a third
 * @param deadline the same by the service's clock, for people
 * @param token bearer token for this lease alone
 * @param model what to measure
 * @param protocol how to measure it
 */
public record LeasedJob(
    String jobId,
    int attempt,
    String leaseId,
    long fencing,
    double leaseSeconds,
    Instant deadline,
    String token,
    Model model,
    MeasurementProtocol protocol) {

  /**
   * An ONNX file to fetch.
   *
   * @param sha256 its hash, lower-case hex
   * @param bytes its length
   * @param url where it lies, relative to the service's address, for example {@code
   *     /api/v1/leases/{leaseId}/model}
   */
  public record Model(String sha256, long bytes, String url) {
    public Model {
      if (!sha256.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException(
            "'%s' is no SHA-256. Maybe it is not 64 lower-case hexadecimal digits."
                .formatted(sha256));
      }
      if (bytes < 1) {
        throw new IllegalArgumentException(
            "model %s cannot have %d bytes.".formatted(sha256, bytes));
      }
    }
  }
}
