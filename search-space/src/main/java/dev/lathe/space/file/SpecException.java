package dev.lathe.space.file;

/** A description of a search space is not as it must be; the message names the field. */
public final class SpecException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public SpecException(String message) {
    super(message);
  }
}
