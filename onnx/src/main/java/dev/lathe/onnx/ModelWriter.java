package dev.lathe.onnx;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a model piece by piece, its fields in the order in which protocol buffers have them: no
 * more than a part of one tensor is read from where its elements stayed.
 */
final class ModelWriter {
  /** What the name of the file with the elements has more than the model's. */
  static final String DATA = ".data";

  private static final int BUFFER = 1 << 16;
  private static final int PART_BYTES = 1 << 20;

  /** Where tensors begin in a file of their own: at pages, which can be mapped into memory. */
  private static final int ALIGNMENT = 4096;

  /** Smaller tensors stay in the model. */
  private static final int LEAST_EXTERNAL_BYTES = 1024;

  private final Message before;
  private final Message graphBefore;
  private final List<TensorValue> initializers;
  private final Message graphAfter;
  private final Message after;

  /**
   * A writer.
   *
   * @param model without initializers
   */
  ModelWriter(ModelProto model, List<TensorValue> initializers) {
    this.before = fields(model, 0, ModelProto.GRAPH_FIELD_NUMBER);
    this.after = fields(model, ModelProto.GRAPH_FIELD_NUMBER + 1, Integer.MAX_VALUE);
    this.graphBefore = fields(model.getGraph(), 0, GraphProto.INITIALIZER_FIELD_NUMBER);
    this.graphAfter =
        fields(model.getGraph(), GraphProto.INITIALIZER_FIELD_NUMBER, Integer.MAX_VALUE);
    this.initializers = List.copyOf(initializers);
  }

  /** A part of a message: fields of these numbers, and after the last those that are not known. */
  private static Message fields(Message message, int from, int to) {
    Message.Builder part = message.newBuilderForType();
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      int number = field.getKey().getNumber();
      if (number >= from && number < to) {
        part.setField(field.getKey(), field.getValue());
      }
    }
    if (to == Integer.MAX_VALUE) {
      part.setUnknownFields(message.getUnknownFields());
    }
    return part.buildPartial();
  }

  /** Bytes of the model as one file. */
  long bytes() {
    long graph = graphBytes();
    return before.getSerializedSize() + lengthBytes(graph) + graph + after.getSerializedSize();
  }

  private long graphBytes() {
    long bytes = (long) graphBefore.getSerializedSize() + graphAfter.getSerializedSize();
    for (TensorValue tensor : initializers) {
      long message = messageBytes(tensor);
      bytes += lengthBytes(message) + message;
    }
    return bytes;
  }

  /** Bytes of the tag, which is a small number in all uses, and of the length behind it. */
  private static long lengthBytes(long length) {
    return 1L + CodedOutputStream.computeUInt64SizeNoTag(length);
  }

  private static long messageBytes(TensorValue tensor) {
    long header = tensor.header().getSerializedSize();
    return tensor
        .stored()
        .map(elements -> header + lengthBytes(elements.length()) + elements.length())
        .orElse(header);
  }

  /** Writes the model as one file. */
  void write(CodedOutputStream out) throws IOException {
    before.writeTo(out);
    out.writeTag(ModelProto.GRAPH_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt64NoTag(graphBytes());
    graphBefore.writeTo(out);
    for (TensorValue tensor : initializers) {
      out.writeTag(GraphProto.INITIALIZER_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt64NoTag(messageBytes(tensor));
      tensor.header().writeTo(out);
      if (tensor.stored().isPresent()) {
        FileSlice elements = tensor.stored().get();
        out.writeTag(TensorProto.RAW_DATA_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt64NoTag(elements.length());
        copy(elements, out);
      }
    }
    graphAfter.writeTo(out);
    after.writeTo(out);
    out.flush();
  }

  /**
   * Writes the model to a file that is whole or not there: into a temporary file beside it that is
   * then moved.
   *
   * @param apart whether the elements of larger tensors go into a second file, {@code NAME.data},
   *     which they do anyway where one file cannot have them all
   * @return bytes written
   * @throws OnnxException if it cannot be written
   */
  long write(Path file, boolean apart) {
    Path folder = file.toAbsolutePath().getParent();
    String name = ".%s.%s".formatted(file.getFileName(), UUID.randomUUID());
    Path model = folder.resolve(name + ".part");
    Path data = folder.resolve(name + ".data.part");
    try {
      Files.createDirectories(folder);
      try {
        long bytes = bytes();
        if (apart || bytes > WireLimits.MAX_BYTES) {
          String location = file.getFileName() + DATA;
          try (OutputStream rest = Files.newOutputStream(model, CREATE_NEW, WRITE);
              OutputStream elements = Files.newOutputStream(data, CREATE_NEW, WRITE)) {
            bytes = write(rest, elements, location);
          }
          move(data, folder.resolve(location));
        } else {
          try (OutputStream whole = Files.newOutputStream(model, CREATE_NEW, WRITE)) {
            write(CodedOutputStream.newInstance(whole, BUFFER));
          }
        }
        move(model, file);
        return bytes;
      } finally {
        Files.deleteIfExists(model);
        Files.deleteIfExists(data);
      }
    } catch (IOException e) {
      throw new OnnxException(
          "model '%s' cannot be written: %s. Maybe the disk is full or the folder is read-only."
              .formatted(file, e),
          e);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Writes the model as two files; returns the bytes of both. */
  private long write(OutputStream file, OutputStream data, String location) throws IOException {
    CodedOutputStream elements = CodedOutputStream.newInstance(data, BUFFER);
    List<TensorValue> small = new ArrayList<>();
    List<TensorProto> external = new ArrayList<>();
    long offset = 0;
    for (TensorValue tensor : initializers) {
      if (tensor.type() == ElementType.STRING || tensor.bytes() < LEAST_EXTERNAL_BYTES) {
        small.add(tensor);
        continue;
      }
      long aligned = Math.ceilDiv(offset, ALIGNMENT) * ALIGNMENT;
      elements.writeRawBytes(new byte[(int) (aligned - offset)]);
      external.add(external(tensor, location, aligned));
      if (tensor.stored().isPresent()) {
        copy(tensor.stored().get(), elements);
      } else {
        elements.writeRawBytes(tensor.toByteArray());
      }
      offset = aligned + tensor.bytes();
    }
    elements.flush();
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.mergeFrom(graphBefore).mergeFrom(graphAfter).addAllInitializer(external);
    ModelProto.Builder model = ModelProto.newBuilder();
    model.mergeFrom(before).mergeFrom(after).setGraph(graph);
    ModelWriter rest = new ModelWriter(model.build(), small);
    rest.write(CodedOutputStream.newInstance(file, BUFFER));
    return rest.bytes() + offset;
  }

  private static TensorProto external(TensorValue tensor, String location, long offset) {
    TensorProto.Builder builder =
        TensorProto.newBuilder()
            .setName(tensor.name())
            .setDataType(tensor.type().code())
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", Long.toString(offset)))
            .addExternalData(entry("length", Long.toString(tensor.bytes())));
    for (long dim : tensor.dims()) {
      builder.addDims(dim);
    }
    return builder.build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static void copy(FileSlice elements, CodedOutputStream out) throws IOException {
    byte[] part = new byte[(int) Math.min(elements.length(), PART_BYTES)];
    for (long at = 0; at < elements.length(); at += part.length) {
      int length = (int) Math.min(part.length, elements.length() - at);
      elements.read(at, ByteBuffer.wrap(part, 0, length));
      out.writeRawBytes(part, 0, length);
    }
  }
}
