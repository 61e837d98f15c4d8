package dev.lathe.onnx;

/** A model cannot be read, understood or run; the message names the part of it that is wrong. */
public final class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public OnnxException(String message) {
    super(message);
  }

  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
