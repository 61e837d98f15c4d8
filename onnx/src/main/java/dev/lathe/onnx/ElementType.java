package dev.lathe.onnx;

import java.util.Locale;

/** The type of a tensor's elements, with ONNX's code for it and its size in a file. */
public enum ElementType {
  FLOAT(1, 32),
  UINT8(2, 8),
  INT8(3, 8),
  UINT16(4, 16),
  INT16(5, 16),
  INT32(6, 32),
  INT64(7, 64),
  /** Of varying size: {@link #bits()} is 0. */
  STRING(8, 0),
  BOOL(9, 8),
  FLOAT16(10, 16),
  DOUBLE(11, 64),
  UINT32(12, 32),
  UINT64(13, 64),
  COMPLEX64(14, 64),
  COMPLEX128(15, 128),
  BFLOAT16(16, 16),
  FLOAT8E4M3FN(17, 8),
  FLOAT8E4M3FNUZ(18, 8),
  FLOAT8E5M2(19, 8),
  FLOAT8E5M2FNUZ(20, 8),
  UINT4(21, 4),
  INT4(22, 4),
  FLOAT4E2M1(23, 4);

  private static final ElementType[] VALUES = values();

  private final int code;
  private final int bits;

  ElementType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /** The number that {@code TensorProto.data_type} has for this type. */
  public int code() {
    return code;
  }

  /** Bits of one element. */
  public int bits() {
    return bits;
  }

  /** Bytes of {@code elements} elements, elements below a byte packed. */
  public long bytes(long elements) {
    return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
  }

  /** Whether arithmetic on it is that of real numbers: all widths of floating point. */
  public boolean isFloating() {
    return this == FLOAT || this == FLOAT16 || this == DOUBLE || this == BFLOAT16;
  }

  /**
   * The type with this code.
   *
   * @throws OnnxException if there is none
   */
  public static ElementType of(int code) {
    if (code < 1 || code > VALUES.length) {
      throw new OnnxException(
          "element type %d is unknown. Maybe the file is newer than this program, or damaged."
              .formatted(code));
    }
    return VALUES[code - 1];
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
