package dev.lathe.onnx;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.Map;

/**
 * Walks the bytes of a model without building anything, and refuses those that would need far more
 * memory than their size promises: an empty message takes two bytes in a file and a hundred in
 * memory, a packed number one byte and eight.
 */
final class WireLimits {
  /** The largest file, bytes: the limit of protocol buffers. */
  static final long MAX_BYTES = Integer.MAX_VALUE - 8L;

  private static final int MAX_FIELDS = 2_000_000;
  private static final int MAX_PACKED_BYTES = 64 << 20;
  private static final int MAX_DEPTH = 32;

  /** The kinds of messages whose insides are walked. */
  private enum Kind {
    MODEL,
    GRAPH,
    NODE,
    ATTRIBUTE,
    TENSOR,
    SPARSE_TENSOR,
    FUNCTION,
    TRAINING,
    VALUE,
    ENTRY
  }

  /** Of each kind, the fields that hold messages. */
  private static final Map<Kind, Map<Integer, Kind>> CHILDREN =
      Map.of(
          Kind.MODEL,
          Map.of(
              7, Kind.GRAPH, 8, Kind.ENTRY, 14, Kind.ENTRY, 20, Kind.TRAINING, 25, Kind.FUNCTION),
          Kind.GRAPH,
          Map.of(
              1,
              Kind.NODE,
              5,
              Kind.TENSOR,
              11,
              Kind.VALUE,
              12,
              Kind.VALUE,
              13,
              Kind.VALUE,
              14,
              Kind.ENTRY,
              15,
              Kind.SPARSE_TENSOR,
              16,
              Kind.ENTRY),
          Kind.NODE,
          Map.of(5, Kind.ATTRIBUTE, 9, Kind.ENTRY),
          Kind.ATTRIBUTE,
          Map.of(
              5,
              Kind.TENSOR,
              6,
              Kind.GRAPH,
              10,
              Kind.TENSOR,
              11,
              Kind.GRAPH,
              14,
              Kind.VALUE,
              15,
              Kind.VALUE,
              22,
              Kind.SPARSE_TENSOR,
              23,
              Kind.SPARSE_TENSOR),
          Kind.TENSOR,
          Map.of(13, Kind.ENTRY),
          Kind.SPARSE_TENSOR,
          Map.of(1, Kind.TENSOR, 2, Kind.TENSOR),
          Kind.FUNCTION,
          Map.of(7, Kind.NODE, 9, Kind.ENTRY, 11, Kind.ATTRIBUTE, 12, Kind.VALUE),
          Kind.TRAINING,
          Map.of(1, Kind.GRAPH, 2, Kind.GRAPH, 3, Kind.ENTRY, 4, Kind.ENTRY));

  private int fields;
  private long packedBytes;

  private WireLimits() {}

  /**
   * Checks a serialized model.
   *
   * @throws OnnxException if it is malformed at this level, or too large, too deep or too dense
   */
  static void check(byte[] model) {
    if (model.length == 0) {
      throw new OnnxException("the model is empty: 0 bytes.");
    }
    CodedInputStream in = CodedInputStream.newInstance(model);
    try {
      new WireLimits().walk(in, Kind.MODEL, 0);
    } catch (IOException e) {
      throw new OnnxException(
          "not an ONNX model, or a damaged one, at byte %d of %d: %s Maybe the file was cut off in transfer."
              .formatted(in.getTotalBytesRead(), model.length, e.getMessage()),
          e);
    }
  }

  private void walk(CodedInputStream in, Kind kind, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new OnnxException(
          "the model nests graphs deeper than %d levels. Maybe the file is damaged."
              .formatted(MAX_DEPTH));
    }
    Map<Integer, Kind> children = CHILDREN.getOrDefault(kind, Map.of());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      boolean bulk = false;
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_VARINT -> in.readRawVarint64();
        case WireFormat.WIRETYPE_FIXED32 -> in.skipRawBytes(Integer.BYTES);
        case WireFormat.WIRETYPE_FIXED64 -> in.skipRawBytes(Long.BYTES);
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          int length = in.readRawVarint32();
          Kind child = children.get(field);
          if (child != null) {
            int limit = in.pushLimit(length);
            walk(in, child, depth + 1);
            in.checkLastTagWas(0);
            in.popLimit(limit);
          } else {
            if (isPacked(kind, field)) {
              packedBytes += length;
              bulk = true;
            }
            in.skipRawBytes(length);
          }
        }
        default ->
            throw new OnnxException(
                "not an ONNX model, or a damaged one: unknown wire type at byte %d."
                    .formatted(in.getTotalBytesRead()));
      }
      if (!bulk && ++fields > MAX_FIELDS) {
        throw new OnnxException(
            "the model has more than %d fields. Maybe the file is damaged.".formatted(MAX_FIELDS));
      }
      if (packedBytes > MAX_PACKED_BYTES) {
        throw new OnnxException(
            "the model spells out more than %d bytes of integers one by one. Maybe save its tensors as raw data."
                .formatted(MAX_PACKED_BYTES));
      }
    }
  }

  /** Packed variable-length integers: they take up to eight times their file size in memory. */
  private static boolean isPacked(Kind kind, int field) {
    return switch (kind) {
      case TENSOR -> field == 1 || field == 5 || field == 7 || field == 11;
      case ATTRIBUTE -> field == 8;
      default -> false;
    };
  }
}
