package dev.lathe.farm.agent;

/** The service understood a request and refused it: asking again would not help. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1;

  private final int status;

  RefusedException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }
}
