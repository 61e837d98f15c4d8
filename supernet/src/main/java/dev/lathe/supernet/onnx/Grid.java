package dev.lathe.supernet.onnx;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.TensorValue;

/**
 * The integers of an element type.
 *
 * @param least smallest
 * @param most largest
 */
record Grid(ElementType type, long least, long most) {
  /**
   * The grid of an integer type of up to 32 bits.
   *
   * @throws OnnxException for other types
   */
  static Grid of(ElementType type) {
    return switch (type) {
      case INT4 -> new Grid(type, -8, 7);
      case UINT4 -> new Grid(type, 0, 15);
      case INT8 -> new Grid(type, -128, 127);
      case UINT8 -> new Grid(type, 0, 255);
      case INT16 -> new Grid(type, -32768, 32767);
      case UINT16 -> new Grid(type, 0, 65535);
      case INT32 -> new Grid(type, -Integer.MAX_VALUE, Integer.MAX_VALUE);
      default -> throw new OnnxException("weights of type %s cannot be trained.".formatted(type));
    };
  }

  /** The grid's point that is nearest, halves to the even one. */
  long nearest(double value) {
    return Math.clamp((long) Math.rint(value), least, most);
  }

  /** A tensor of this type. */
  TensorValue tensor(String name, long[] values, long... dims) {
    return switch (type) {
      case INT32 -> {
        int[] out = new int[values.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = (int) values[i];
        }
        yield TensorValue.int32(name, out, dims);
      }
      case INT4, UINT4 -> {
        byte[] pairs = new byte[(values.length + 1) / 2];
        for (int i = 0; i < values.length; i++) {
          pairs[i / 2] |= (byte) ((values[i] & 15) << (i % 2 * 4));
        }
        yield TensorValue.raw(name, type, pairs, dims);
      }
      case INT16, UINT16 -> {
        byte[] bytes = new byte[2 * values.length];
        for (int i = 0; i < values.length; i++) {
          bytes[2 * i] = (byte) values[i];
          bytes[2 * i + 1] = (byte) (values[i] >> 8);
        }
        yield TensorValue.raw(name, type, bytes, dims);
      }
      default -> {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) values[i];
        }
        yield TensorValue.raw(name, type, bytes, dims);
      }
    };
  }
}
