package dev.lathe.onnx.trial;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Types of a model's inputs as text, and zeros of such a type. */
final class TrialInput {
  private TrialInput() {}

  /** For example FLOAT:1x3x32x32. */
  static String describe(TensorType type) {
    return type.type().name()
        + ":"
        + Arrays.stream(type.dims()).mapToObj(Long::toString).collect(Collectors.joining("x"));
  }

  /** A tensor of zeros of a described type. */
  static TensorValue zeros(String name, String described) {
    String[] parts = described.split(":", -1);
    long[] dims =
        parts[1].isEmpty()
            ? new long[0]
            : Arrays.stream(parts[1].split("x", -1)).mapToLong(Long::parseLong).toArray();
    TensorType type = new TensorType(ElementType.valueOf(parts[0]), dims);
    return TensorValue.raw(name, type.type(), new byte[Math.toIntExact(type.bytes())], dims);
  }
}
