package dev.lathe.farm;

/** How the measurement of one network ended. */
public sealed interface Outcome {
  /** It has figures. */
  record Measured(Measurement measurement) implements Outcome {}

  /** It has none, and this is why. */
  record Failed(FailureKind kind, String message) implements Outcome {
    /** The failure that the exception tells of. */
    public static Failed of(MeasurementFailed failure) {
      return new Failed(failure.kind(), String.valueOf(failure.getMessage()));
    }
  }
}
