package dev.lathe.farm;

/** A network could not be measured. The message says what happened, to which model, and advice. */
public final class MeasurementFailed extends Exception {
  private static final long serialVersionUID = 1;

  private final FailureKind kind;

  public MeasurementFailed(FailureKind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public MeasurementFailed(FailureKind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public FailureKind kind() {
    return kind;
  }
}
