package dev.lathe.compress;

/** A model cannot be compressed as asked; the message names what stands in the way. */
public final class CompressionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CompressionException(String message) {
    super(message);
  }
}
