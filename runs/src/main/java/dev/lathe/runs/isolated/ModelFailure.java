package dev.lathe.runs.isolated;

/** A model that somebody sent cannot be worked on; the message says why. */
public final class ModelFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  ModelFailure(String message) {
    super(message);
  }

  ModelFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
