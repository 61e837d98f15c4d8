package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A constant tensor of a model: a name, an element type, a shape, and its elements in row-major
 * order. Immutable. One made by {@link #shapeOnly} has no elements: it stands for a weight in a
 * graph that is only costed. The elements of large tensors of large files stay in the file, and are
 * read each time that they are asked for.
 */
public final class TensorValue {
  /** Bytes that are read from a file at a time. */
  private static final int PART_BYTES = 1 << 20;

  private final TensorProto proto;
  private final ElementType type;
  private final long[] dims;
  private final boolean shapeOnly;

  /** The elements where they stayed in a file. */
  private final @Nullable FileSlice stored;

  private TensorValue(TensorProto proto, boolean shapeOnly, @Nullable FileSlice stored) {
    this.proto = proto;
    this.shapeOnly = shapeOnly;
    this.stored = stored;
    this.type = ElementType.of(proto.getDataType());
    this.dims = proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
  }

  /**
   * Wraps a tensor of a file.
   *
   * @throws OnnxException if its data lie in another file, or are not of the size that its shape
   *     says
   */
  static TensorValue of(TensorProto proto) {
    return of(proto, null);
  }

  /**
   * A tensor whose elements stay in a file, little-endian.
   *
   * @param proto all else
   * @throws OnnxException as {@link #of}
   */
  static TensorValue stored(TensorProto proto, FileSlice elements) {
    return of(proto, elements);
  }

  private static TensorValue of(TensorProto proto, @Nullable FileSlice stored) {
    if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL
        || proto.getExternalDataCount() > 0) {
      throw new OnnxException(
          "tensor '%s' keeps its data in another file, which is refused. Maybe save the model as a single file."
              .formatted(proto.getName()));
    }
    TensorValue tensor;
    try {
      tensor = new TensorValue(proto, false, stored);
      tensor.checkSize();
    } catch (OnnxException e) {
      throw new OnnxException("tensor '%s': %s".formatted(proto.getName(), e.getMessage()), e);
    }
    return tensor;
  }

  /**
   * Reads a tensor from the bytes of a TensorProto, as files of recorded inputs and outputs have
   * it.
   *
   * @throws OnnxException if they are none
   */
  public static TensorValue parse(byte[] file) {
    try {
      return of(TensorProto.parseFrom(file));
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException("the bytes are no tensor: " + e.getMessage(), e);
    }
  }

  public static TensorValue floats(String name, float[] values, long... dims) {
    ByteBuffer buffer = buffer(values.length, Float.BYTES);
    buffer.asFloatBuffer().put(values);
    return raw(name, ElementType.FLOAT, buffer.array(), dims);
  }

  /** Half-precision numbers, each value rounded to the nearest. */
  public static TensorValue halves(String name, float[] values, long... dims) {
    ByteBuffer buffer = buffer(values.length, Short.BYTES);
    for (float value : values) {
      buffer.putShort(Float.floatToFloat16(value));
    }
    return raw(name, ElementType.FLOAT16, buffer.array(), dims);
  }

  /** Numbers of the upper 16 bits of single precision, each value cut off. */
  public static TensorValue bfloats(String name, float[] values, long... dims) {
    ByteBuffer buffer = buffer(values.length, Short.BYTES);
    for (float value : values) {
      buffer.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
    }
    return raw(name, ElementType.BFLOAT16, buffer.array(), dims);
  }

  public static TensorValue int8(String name, byte[] values, long... dims) {
    return raw(name, ElementType.INT8, values.clone(), dims);
  }

  /** Unsigned bytes: an element of −1 is 255. */
  public static TensorValue uint8(String name, byte[] values, long... dims) {
    return raw(name, ElementType.UINT8, values.clone(), dims);
  }

  public static TensorValue int32(String name, int[] values, long... dims) {
    ByteBuffer buffer = buffer(values.length, Integer.BYTES);
    buffer.asIntBuffer().put(values);
    return raw(name, ElementType.INT32, buffer.array(), dims);
  }

  public static TensorValue int64(String name, long[] values, long... dims) {
    ByteBuffer buffer = buffer(values.length, Long.BYTES);
    buffer.asLongBuffer().put(values);
    return raw(name, ElementType.INT64, buffer.array(), dims);
  }

  /**
   * Elements of any type of fixed size as a file has them: little-endian, types below a byte packed
   * with the first element in the low bits. The array is not copied.
   *
   * @throws OnnxException if the number of bytes is not what type and shape need
   */
  public static TensorValue raw(String name, ElementType type, byte[] data, long... dims) {
    TensorProto.Builder builder =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.code())
            .setRawData(UnsafeByteOperations.unsafeWrap(data));
    for (long dim : dims) {
      builder.addDims(dim);
    }
    return of(builder.build());
  }

  /** A tensor of which only type and shape are known. */
  public static TensorValue shapeOnly(String name, ElementType type, long... dims) {
    TensorProto.Builder builder = TensorProto.newBuilder().setName(name).setDataType(type.code());
    for (long dim : dims) {
      builder.addDims(dim);
    }
    TensorType.elements(dims);
    return new TensorValue(builder.build(), true, null);
  }

  public String name() {
    return proto.getName();
  }

  public ElementType type() {
    return type;
  }

  /** A copy of the sizes, outermost first; empty for a scalar. */
  public long[] dims() {
    return dims.clone();
  }

  public int rank() {
    return dims.length;
  }

  public long dim(int axis) {
    return dims[axis];
  }

  /** The number of elements. */
  public long elements() {
    return TensorType.elements(dims);
  }

  /** Bytes of the elements. */
  public long bytes() {
    return type.bytes(elements());
  }

  public TensorType tensorType() {
    return new TensorType(type, dims);
  }

  /** Whether the elements are missing. */
  public boolean isShapeOnly() {
    return shapeOnly;
  }

  /** The same tensor under another name. */
  public TensorValue named(String name) {
    return new TensorValue(proto.toBuilder().setName(name).build(), shapeOnly, stored);
  }

  /**
   * The same elements in another shape.
   *
   * @throws OnnxException if the number of elements differs
   */
  public TensorValue reshaped(long... dims) {
    TensorProto.Builder builder = proto.toBuilder().clearDims();
    for (long dim : dims) {
      builder.addDims(dim);
    }
    return shapeOnly ? new TensorValue(builder.build(), true, null) : of(builder.build(), stored);
  }

  /**
   * A copy of the elements as single-precision numbers: floating types of all widths and integers
   * are converted.
   *
   * @throws OnnxException if the type has no such conversion, or the elements are missing
   */
  public float[] floats() {
    float[] out = new float[count()];
    if (!isRaw()) {
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) fieldNumber(i);
      }
      return out;
    }
    eachPart(
        (part, first, count) -> {
          if (type == ElementType.FLOAT) {
            part.asFloatBuffer().get(out, first, count);
            return;
          }
          for (int i = 0; i < count; i++) {
            out[first + i] = (float) rawNumber(part, i);
          }
        });
    return out;
  }

  /**
   * A copy of the elements as integers; floating elements are truncated.
   *
   * @throws OnnxException if the type has no such conversion, or the elements are missing
   */
  public long[] longs() {
    long[] out = new long[count()];
    boolean wide = type == ElementType.INT64 || type == ElementType.UINT64;
    if (!isRaw()) {
      for (int i = 0; i < out.length; i++) {
        out[i] = wide ? wideField(i) : (long) fieldNumber(i);
      }
      return out;
    }
    eachPart(
        (part, first, count) -> {
          for (int i = 0; i < count; i++) {
            out[first + i] = wide ? part.getLong(i * Long.BYTES) : (long) rawNumber(part, i);
          }
        });
    return out;
  }

  /**
   * A copy of the elements as a file has them: little-endian, types below a byte packed.
   *
   * @throws OnnxException if they are strings, or missing
   */
  public byte[] toByteArray() {
    int unused = count();
    if (stored != null) {
      return stored.bytes();
    }
    return proto.hasRawData() ? proto.getRawData().toByteArray() : rawFields();
  }

  private byte[] rawFields() {
    ByteBuffer buffer = buffer(Math.toIntExact(bytes()), 1);
    switch (type) {
      case FLOAT -> proto.getFloatDataList().forEach(buffer::putFloat);
      case DOUBLE -> proto.getDoubleDataList().forEach(buffer::putDouble);
      case INT64 -> proto.getInt64DataList().forEach(buffer::putLong);
      case UINT64 -> proto.getUint64DataList().forEach(buffer::putLong);
      case UINT32 -> proto.getUint64DataList().forEach(value -> buffer.putInt(value.intValue()));
      case INT32 -> proto.getInt32DataList().forEach(buffer::putInt);
      case INT16, UINT16, FLOAT16, BFLOAT16 ->
          proto.getInt32DataList().forEach(value -> buffer.putShort(value.shortValue()));
      case COMPLEX64 -> proto.getFloatDataList().forEach(buffer::putFloat);
      case COMPLEX128 -> proto.getDoubleDataList().forEach(buffer::putDouble);
      case STRING -> throw noNumbers();
      default ->
          proto
              .getInt32DataList()
              .subList(0, buffer.capacity())
              .forEach(value -> buffer.put(value.byteValue()));
    }
    return buffer.array();
  }

  TensorProto toProto() {
    if (shapeOnly) {
      throw missing();
    }
    return stored == null
        ? proto
        : proto.toBuilder().setRawData(UnsafeByteOperations.unsafeWrap(stored.bytes())).build();
  }

  /** The tensor as a message of a file, without elements that stayed in a file. */
  TensorProto header() {
    if (shapeOnly) {
      throw missing();
    }
    return proto;
  }

  /** The elements where they stayed in a file. */
  Optional<FileSlice> stored() {
    return Optional.ofNullable(stored);
  }

  private OnnxException missing() {
    return new OnnxException(
        "tensor '%s' has a shape but no elements. Maybe the graph was made only to be costed; export it with weights."
            .formatted(name()));
  }

  private int count() {
    if (shapeOnly) {
      throw missing();
    }
    return Math.toIntExact(elements());
  }

  private boolean isRaw() {
    return stored != null || proto.hasRawData();
  }

  /** Some elements, little-endian. */
  private interface PartReader {
    void accept(ByteBuffer part, int first, int count);
  }

  private void eachPart(PartReader reader) {
    int all = count();
    if (stored == null) {
      reader.accept(
          proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN), 0, all);
      return;
    }
    ByteBuffer part = buffer((int) Math.min(stored.length(), PART_BYTES), 1);
    for (long at = 0; at < stored.length(); at += PART_BYTES) {
      part.clear().limit((int) Math.min(PART_BYTES, stored.length() - at));
      stored.read(at, part);
      int first = (int) (at * Byte.SIZE / type.bits());
      int fit = (int) ((long) part.limit() * Byte.SIZE / type.bits());
      reader.accept(part.flip(), first, Math.min(fit, all - first));
    }
  }

  private long wideField(int i) {
    return type == ElementType.INT64 ? proto.getInt64Data(i) : proto.getUint64Data(i);
  }

  private double rawNumber(ByteBuffer data, int i) {
    return switch (type) {
      case FLOAT -> data.getFloat(i * 4);
      case DOUBLE -> data.getDouble(i * 8);
      case INT64, UINT64 -> data.getLong(i * 8);
      case INT32 -> data.getInt(i * 4);
      case UINT32 -> Integer.toUnsignedLong(data.getInt(i * 4));
      case INT16 -> data.getShort(i * 2);
      case UINT16 -> Short.toUnsignedInt(data.getShort(i * 2));
      case FLOAT16 -> Float.float16ToFloat(data.getShort(i * 2));
      case BFLOAT16 -> Float.intBitsToFloat(data.getShort(i * 2) << 16);
      case INT8 -> data.get(i);
      case UINT8, BOOL -> data.get(i) & 255;
      case UINT4 -> nibble(data.get(i / 2), i);
      case INT4 -> nibble(data.get(i / 2), i) << 28 >> 28;
      default -> throw noNumbers();
    };
  }

  private double fieldNumber(int i) {
    return switch (type) {
      case FLOAT -> proto.getFloatData(i);
      case DOUBLE -> proto.getDoubleData(i);
      case INT64 -> proto.getInt64Data(i);
      case UINT64, UINT32 -> proto.getUint64Data(i);
      case INT32, INT16, INT8 -> proto.getInt32Data(i);
      case UINT16 -> proto.getInt32Data(i) & 0xffff;
      case UINT8, BOOL -> proto.getInt32Data(i) & 255;
      case FLOAT16 -> Float.float16ToFloat((short) proto.getInt32Data(i));
      case BFLOAT16 -> Float.intBitsToFloat(proto.getInt32Data(i) << 16);
      case UINT4 -> nibble(proto.getInt32Data(i / 2), i);
      case INT4 -> nibble(proto.getInt32Data(i / 2), i) << 28 >> 28;
      default -> throw noNumbers();
    };
  }

  private static int nibble(int pair, int i) {
    return (i & 1) == 0 ? pair & 15 : pair >> 4 & 15;
  }

  private OnnxException noNumbers() {
    return new OnnxException(
        "elements of type %s of tensor '%s' cannot be read as numbers.".formatted(type, name()));
  }

  private void checkSize() {
    long elements = TensorType.elements(dims);
    if (elements > Integer.MAX_VALUE) {
      throw new OnnxException("%d elements are more than a file can hold.".formatted(elements));
    }
    long expected;
    long found;
    if (isRaw()) {
      if (type == ElementType.STRING) {
        throw new OnnxException("strings cannot be raw data.");
      }
      expected = type.bytes(elements);
      found = stored == null ? proto.getRawData().size() : stored.length();
    } else {
      expected = type.bits() == 4 ? (elements + 1) / 2 : elements;
      found =
          switch (type) {
            case FLOAT -> proto.getFloatDataCount();
            case COMPLEX64 -> proto.getFloatDataCount() / 2;
            case DOUBLE -> proto.getDoubleDataCount();
            case COMPLEX128 -> proto.getDoubleDataCount() / 2;
            case INT64 -> proto.getInt64DataCount();
            case UINT64, UINT32 -> proto.getUint64DataCount();
            case STRING -> proto.getStringDataCount();
            default -> proto.getInt32DataCount();
          };
    }
    if (expected != found) {
      throw new OnnxException(
          "shape %s of type %s needs %d %s, the file has %d. Maybe the file is damaged."
              .formatted(
                  Arrays.toString(dims), type, expected, isRaw() ? "bytes" : "elements", found));
    }
  }

  private static ByteBuffer buffer(int count, int size) {
    return ByteBuffer.allocate(Math.multiplyExact(count, size)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public String toString() {
    return name() + ": " + type + List.of(Arrays.stream(dims).boxed().toArray());
  }
}
