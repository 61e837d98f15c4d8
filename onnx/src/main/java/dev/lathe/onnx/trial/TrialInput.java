package dev.lathe.onnx.trial;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Types of a model's inputs as text, and values of such a type. */
final class TrialInput {
  private TrialInput() {}

  /** For example FLOAT:1x3x32x32. */
  static String describe(TensorType type) {
    return type.type().name()
        + ":"
        + Arrays.stream(type.dims()).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  /** Whether a described type is of integers that may be sizes, which are never 0. */
  static boolean mayBeSizes(String described) {
    return described.startsWith("INT64:") || described.startsWith("INT32:");
  }

  /**
   * A tensor of zeros of a described type.
   *
   * @param ones whether integers that may be sizes are 1 instead
   */
  static TensorValue of(String name, String described, boolean ones) {
    String[] parts = described.split(":", -1);
    long[] dims =
        parts[1].isEmpty()
            ? new long[0]
            : Arrays.stream(parts[1].split("x", -1)).mapToLong(Long::parseLong).toArray();
    TensorType type = new TensorType(ElementType.valueOf(parts[0]), dims);
    byte[] data = new byte[Math.toIntExact(type.bytes())];
    if (ones && mayBeSizes(described)) {
      int width = type.type().bits() / 8;
      for (int i = 0; i < data.length; i += width) {
        data[i] = 1; // little-endian
      }
    }
    return TensorValue.raw(name, type.type(), data, dims);
  }
}
