package dev.lathe.data.archive;

/**
 * An archive or a folder is not taken; the message tells why, and names no place of this machine.
 */
public final class IntakeRefused extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean tooLarge;

  private IntakeRefused(String message, boolean tooLarge) {
    super(message);
    this.tooLarge = tooLarge;
  }

  /** Refused for what it is. */
  public IntakeRefused(String message) {
    this(message, false);
  }

  /** Refused for its size. */
  public static IntakeRefused tooLarge(String message) {
    return new IntakeRefused(message, true);
  }

  /** Whether it is refused for its size alone. */
  public boolean isTooLarge() {
    return tooLarge;
  }
}
