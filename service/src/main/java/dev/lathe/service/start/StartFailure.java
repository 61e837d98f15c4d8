package dev.lathe.service.start;

import org.jspecify.annotations.Nullable;

/** The service cannot start; the message is all that the user needs. */
final class StartFailure extends Exception {
  private static final long serialVersionUID = 1;

  StartFailure(String message) {
    super(message);
  }

  StartFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
