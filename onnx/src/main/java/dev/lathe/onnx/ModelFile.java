package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A model file as it is read. The elements of large initializers of large files stay in the file.
 *
 * @param model without its graph's initializers
 * @param initializers of the graph
 */
record ModelFile(ModelProto model, List<TensorValue> initializers) {
  /** Smaller files are read as a whole. */
  static final long LEAST_FILE_BYTES = 64L << 20;

  /** Tensors of fewer bytes are read with the model. */
  static final int LEAST_BYTES = 1 << 16;

  private static final int GRAPH = tag(7);
  private static final int INITIALIZER = tag(5);
  private static final int RAW_DATA = tag(9);

  private static int tag(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  /**
   * Reads a serialized model.
   *
   * @throws OnnxException if it is none, or beyond the limits of {@link WireLimits}
   */
  static ModelFile parse(byte[] model) {
    return of(proto(model), Map.of(), TensorValue::of);
  }

  /**
   * Reads a file, and those beside it in which it keeps weights.
   *
   * @param leastFileBytes files of fewer bytes are read as a whole
   * @param leastBytes tensors of fewer bytes are read with the model
   * @throws OnnxException as {@link #parse}, or if weights lie where they may not
   * @throws IOException if it cannot be read
   */
  static ModelFile read(Path file, long leastFileBytes, int leastBytes) throws IOException {
    long bytes = Files.size(file);
    if (bytes > WireLimits.MAX_BYTES) {
      throw new OnnxException(
          "it has %d bytes, more than the %d that a model may have in one file. Maybe save it with external data."
              .formatted(bytes, WireLimits.MAX_BYTES));
    }
    ExternalData external =
        new ExternalData(file.toAbsolutePath().getParent(), leastFileBytes, leastBytes);
    if (bytes < leastFileBytes) {
      return of(proto(Files.readAllBytes(file)), Map.of(), external::read);
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    Walk walk = new Walk(channel, leastBytes);
    try {
      return of(proto(walk.model()), walk.elements, external::read);
    } finally {
      if (walk.elements.isEmpty()) {
        channel.close();
      }
    }
  }

  private static ModelProto proto(byte[] model) {
    WireLimits.check(model);
    try {
      return ModelProto.parseFrom(model);
    } catch (InvalidProtocolBufferException e) {
      throw new OnnxException("not an ONNX model, or a damaged one: " + e.getMessage(), e);
    }
  }

  /**
   * A parsed model.
   *
   * @param elements of initializers that stayed in the file, by place among the initializers
   * @param external reads an initializer whose elements lie in another file
   */
  private static ModelFile of(
      ModelProto model,
      Map<Integer, FileSlice> elements,
      Function<TensorProto, TensorValue> external) {
    if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
      throw new OnnxException(
          "the file has no %s. Maybe it is not an ONNX model."
              .formatted(model.hasGraph() ? "operator set" : "graph"));
    }
    if (model.getIrVersion() < 1) {
      throw new OnnxException(
          "version %d of the file format does not exist. Maybe the file is damaged."
              .formatted(model.getIrVersion()));
    }
    List<TensorValue> initializers = new ArrayList<>();
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      FileSlice stored = elements.get(initializers.size());
      initializers.add(
          stored != null
              ? TensorValue.stored(tensor, stored)
              : ExternalData.isExternal(tensor) ? external.apply(tensor) : TensorValue.of(tensor));
    }
    GraphProto rest = model.getGraph().toBuilder().clearInitializer().build();
    return new ModelFile(model.toBuilder().setGraph(rest).build(), initializers);
  }

  /** Copies a serialized model, field by field, but for the elements of large initializers. */
  private static final class Walk {
    private static final int WINDOW = 1 << 14;

    private final FileChannel file;
    private final int leastBytes;
    private final long size;
    private final Map<Integer, FileSlice> elements = new HashMap<>();

    /** A piece of the file, for numbers; whose first byte is at {@code windowAt}. */
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);

    private long windowAt;
    private long at;
    private int initializers;

    Walk(FileChannel file, int leastBytes) throws IOException {
      this.file = file;
      this.leastBytes = leastBytes;
      this.size = file.size();
    }

    byte[] model() throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      while (at < size) {
        long start = at;
        int tag = tag(size);
        if (tag == GRAPH) {
          write(out, tag, graph(end(size)));
        } else {
          skip(tag, size);
          copy(start, out);
        }
      }
      return out.toByteArray();
    }

    private byte[] graph(long end) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      while (at < end) {
        long start = at;
        int tag = tag(end);
        if (tag == INITIALIZER) {
          long tensorEnd = end(end);
          if (tensorEnd - at < leastBytes) {
            at = tensorEnd;
            copy(start, out);
          } else {
            write(out, tag, tensor(tensorEnd));
          }
          initializers++;
        } else {
          skip(tag, end);
          copy(start, out);
        }
      }
      return out.toByteArray();
    }

    private byte[] tensor(long end) throws IOException {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      while (at < end) {
        long start = at;
        int tag = tag(end);
        if (tag == RAW_DATA) {
          long dataEnd = end(end);
          if (elements.put(initializers, new FileSlice(file, at, dataEnd - at)) != null) {
            throw damaged("a tensor has its elements twice");
          }
          at = dataEnd;
        } else {
          skip(tag, end);
          copy(start, out);
        }
      }
      return out.toByteArray();
    }

    private int tag(long end) throws IOException {
      long tag = varint(end);
      if (tag <= 0 || tag > Integer.MAX_VALUE) {
        throw damaged("a field without a number");
      }
      return (int) tag;
    }

    /** Where the length-delimited field ends that begins here. */
    private long end(long limit) throws IOException {
      long length = varint(limit);
      if (length < 0 || length > limit - at) {
        throw damaged("a field is longer than what it lies in");
      }
      return at + length;
    }

    private void skip(int tag, long end) throws IOException {
      switch (WireFormat.getTagWireType(tag)) {
        case WireFormat.WIRETYPE_VARINT -> varint(end);
        case WireFormat.WIRETYPE_FIXED32 -> at += Integer.BYTES;
        case WireFormat.WIRETYPE_FIXED64 -> at += Long.BYTES;
        case WireFormat.WIRETYPE_LENGTH_DELIMITED -> at = end(end);
        default -> throw damaged("unknown wire type");
      }
      if (at > end) {
        throw damaged("a field is longer than what it lies in");
      }
    }

    private long varint(long end) throws IOException {
      long value = 0;
      for (int shift = 0; shift < Long.SIZE; shift += 7) {
        if (at >= end) {
          throw damaged("a number is cut off");
        }
        byte next = at(at++);
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw damaged("a number has no end");
    }

    private byte at(long place) throws IOException {
      if (place < windowAt || place >= windowAt + window.limit()) {
        windowAt = place;
        window.clear().limit((int) Math.min(WINDOW, size - place));
        fill(place, window);
        window.flip();
      }
      return window.get((int) (place - windowAt));
    }

    /** Copies what lies between a place and here. */
    private void copy(long from, ByteArrayOutputStream out) throws IOException {
      byte[] bytes = new byte[(int) (at - from)];
      fill(from, ByteBuffer.wrap(bytes));
      out.writeBytes(bytes);
    }

    private void fill(long from, ByteBuffer into) throws IOException {
      long place = from;
      while (into.hasRemaining()) {
        int count = file.read(into, place);
        if (count < 0) {
          throw damaged("the file ends");
        }
        place += count;
      }
    }

    private static void write(ByteArrayOutputStream out, int tag, byte[] message)
        throws IOException {
      CodedOutputStream coded = CodedOutputStream.newInstance(out, 2 * Long.BYTES);
      coded.writeUInt32NoTag(tag);
      coded.writeUInt32NoTag(message.length);
      coded.flush();
      out.writeBytes(message);
    }

    private OnnxException damaged(String what) {
      return new OnnxException(
          "not an ONNX model, or a damaged one, at byte %d of %d: %s. Maybe the file was cut off in transfer."
              .formatted(at, size, what));
    }
  }
}
