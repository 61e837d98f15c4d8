package dev.lathe.farm.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code PUT /api/v1/leases/{leaseId}/result}, sent with its SHA-256 in the header {@code
 * Content-SHA256}. It has either a measurement or a failure; {@link #outcome} tells which.
 *
 * @param fencing number that was given with the lease
 * @param measurement the figures, absent if there are none
 * @param failure why there are none, absent if there are
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResultMessage(
    long fencing, @Nullable Measurement measurement, @Nullable Failure failure) {

  /** Header that carries the lower-case hex SHA-256 of the body. */
  public static final String HASH_HEADER = "Content-SHA256";

  /** Why there are no figures. */
  public record Failure(FailureKind kind, String message) {}

  public ResultMessage {
    if ((measurement == null) == (failure == null)) {
      throw new IllegalArgumentException(
          "a result has either a measurement or a failure, not both and not neither.");
    }
  }

  /** The message that reports an outcome. */
  public static ResultMessage of(long fencing, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Measured(Measurement measurement) ->
          new ResultMessage(fencing, measurement, null);
      case Outcome.Failed(FailureKind kind, String message) ->
          new ResultMessage(fencing, null, new Failure(kind, message));
    };
  }

  /** The outcome that this message reports. */
  public Outcome outcome() {
    if (measurement != null) {
      return new Outcome.Measured(measurement);
    }
    if (failure != null) {
      return new Outcome.Failed(failure.kind(), failure.message());
    }
    throw new AssertionError("the constructor lets no empty result through");
  }
}
