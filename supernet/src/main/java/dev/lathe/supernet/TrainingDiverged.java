package dev.lathe.supernet;

/** Training met a loss or gradient that is not a finite number. */
public final class TrainingDiverged extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TrainingDiverged(String message) {
    super(message);
  }
}
