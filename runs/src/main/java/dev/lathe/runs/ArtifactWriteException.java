package dev.lathe.runs;

/** A file could not be stored, for example because the disk is full; nothing of it is visible. */
public final class ArtifactWriteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a text that names folder, cause and advice. */
  public ArtifactWriteException(String message, Throwable cause) {
    super(message, cause);
  }
}
