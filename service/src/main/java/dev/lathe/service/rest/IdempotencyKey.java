package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The header {@code Idempotency-Key}: a launch that is sent twice under one key is one launch. */
final class IdempotencyKey {
  private static final int MAX_LENGTH = 200;

  private IdempotencyKey() {}

  /** The key, if there is one; fails with 400 if it is of no use. */
  static Optional<String> of(@Nullable String header) {
    if (header != null && (header.isBlank() || header.length() > MAX_LENGTH)) {
      throw Problem.badRequest(
          "Idempotency-Key must have 1 to %d characters.".formatted(MAX_LENGTH));
    }
    return Optional.ofNullable(header);
  }
}
