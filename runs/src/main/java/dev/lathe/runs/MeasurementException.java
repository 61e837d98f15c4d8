package dev.lathe.runs;

/** No device can measure. */
public final class MeasurementException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a text that names the device and gives advice. */
  public MeasurementException(String message) {
    super(message);
  }
}
