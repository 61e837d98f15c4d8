package dev.lathe.onnx;

import java.util.Optional;

/** Reads the values of Constant nodes, in all of their spellings. */
final class Constants {
  private Constants() {}

  /** The tensor that a Constant node makes, under the name of its output. */
  static Optional<TensorValue> valueOf(OnnxNode constant) {
    String name = constant.output();
    if (constant.attributes().stream().filter(a -> a.name().contains("value")).count() > 1) {
      throw new OnnxException("it has several values.");
    }
    for (Attribute attribute : constant.attributes()) {
      switch (attribute.name()) {
        case "value" -> {
          return Optional.of(TensorValue.of(attribute.proto().getT()).named(name));
        }
        case "value_float" -> {
          return Optional.of(TensorValue.floats(name, new float[] {attribute.proto().getF()}));
        }
        case "value_floats" -> {
          float[] values = constant.floats("value_floats");
          return Optional.of(TensorValue.floats(name, values, values.length));
        }
        case "value_int" -> {
          return Optional.of(TensorValue.int64(name, new long[] {attribute.proto().getI()}));
        }
        case "value_ints" -> {
          long[] values = constant.ints("value_ints");
          return Optional.of(TensorValue.int64(name, values, values.length));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }
}
