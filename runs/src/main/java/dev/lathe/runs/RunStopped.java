package dev.lathe.runs;

/** The run is to stop now; nothing has failed. */
public final class RunStopped extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Reason reason;

  /** Why a run stops. */
  public enum Reason {
    /** Someone paused it; it may be resumed. */
    PAUSED,
    /** Someone cancelled it for good. */
    CANCELLED,
    /** The service goes down; the run goes on at the next start. */
    SHUTDOWN
  }

  /** A stop for the given reason. */
  public RunStopped(Reason reason) {
    super(
        "the run is stopped: " + reason.name().toLowerCase(java.util.Locale.ROOT),
        null,
        false,
        false);
    this.reason = reason;
  }

  /** Why the run stops. */
  public Reason reason() {
    return reason;
  }
}
