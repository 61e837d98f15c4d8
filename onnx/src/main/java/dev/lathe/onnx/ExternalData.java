package dev.lathe.onnx;

import static java.nio.file.StandardOpenOption.READ;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Weights that a model keeps in files beside it. They are read only from regular files in the
 * model's own folder, as many bytes as their shapes need, and into the model: it is then one file.
 */
final class ExternalData {
  private final Path folder;
  private long bytes;

  private ExternalData(Path folder) {
    this.folder = folder;
  }

  /**
   * The model with the elements of its initializers read in.
   *
   * @throws OnnxException naming the tensor whose data cannot be read or are not allowed
   */
  static ModelProto load(ModelProto model, Path folder) {
    ExternalData external = new ExternalData(folder);
    ModelProto.Builder builder = null;
    for (int i = 0; i < model.getGraph().getInitializerCount(); i++) {
      TensorProto tensor = model.getGraph().getInitializer(i);
      if (tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
        builder = builder == null ? model.toBuilder() : builder;
        builder.getGraphBuilder().setInitializer(i, external.read(tensor));
      }
    }
    return builder == null ? model : builder.build();
  }

  private TensorProto read(TensorProto tensor) {
    try {
      Map<String, String> entries = new HashMap<>();
      for (StringStringEntryProto entry : tensor.getExternalDataList()) {
        entries.put(entry.getKey(), entry.getValue());
      }
      long offset = Long.parseLong(entries.getOrDefault("offset", "0"));
      long[] dims = tensor.getDimsList().stream().mapToLong(Long::longValue).toArray();
      long length = new TensorType(ElementType.of(tensor.getDataType()), dims).bytes();
      long stated = Long.parseLong(entries.getOrDefault("length", Long.toString(length)));
      bytes = Math.addExact(bytes, length);
      if (stated != length || offset < 0 || bytes > WireLimits.MAX_BYTES) {
        throw new OnnxException(
            "its shape needs %d bytes, the file offers %d at %d; the limit is %d for all."
                .formatted(length, stated, offset, WireLimits.MAX_BYTES));
      }
      byte[] data = read(entries.getOrDefault("location", ""), offset, (int) length);
      return tensor.toBuilder()
          .clearExternalData()
          .clearDataLocation()
          .setRawData(UnsafeByteOperations.unsafeWrap(data))
          .build();
    } catch (OnnxException | IOException | IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(
          "tensor '%s' keeps its data in another file, which cannot be used: %s"
              .formatted(tensor.getName(), e.getMessage()),
          e);
    }
  }

  private byte[] read(String location, long offset, int length) throws IOException {
    Path file;
    try {
      file = folder.resolve(location);
    } catch (InvalidPathException e) {
      throw new OnnxException("'%s' is no file name.".formatted(location), e);
    }
    boolean beside = !location.isEmpty() && folder.equals(file.getParent());
    if (!beside || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new OnnxException(
          "'%s' is no file in the model's own folder. Maybe save the model as a single file."
              .formatted(location));
    }
    try (SeekableByteChannel channel =
        Files.newByteChannel(file, READ, LinkOption.NOFOLLOW_LINKS)) {
      if (offset > channel.size() - length) {
        throw new OnnxException(
            "'%s' has %d bytes, %d at %d are asked for."
                .formatted(location, channel.size(), length, offset));
      }
      ByteBuffer buffer = ByteBuffer.allocate(length);
      channel.position(offset);
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        // Until all is there.
      }
      if (buffer.hasRemaining()) {
        throw new OnnxException("'%s' became shorter while it was read.".formatted(location));
      }
      return buffer.array();
    }
  }

  /**
   * Finds tensors anywhere in a model whose data are still elsewhere.
   *
   * @throws OnnxException naming the tensor
   */
  static void refuse(ModelProto model) {
    refuse(model.getGraph());
    model.getFunctionsList().forEach(f -> f.getNodeList().forEach(ExternalData::refuse));
    model
        .getTrainingInfoList()
        .forEach(
            training -> {
              refuse(training.getInitialization());
              refuse(training.getAlgorithm());
            });
  }

  private static void refuse(GraphProto graph) {
    graph.getInitializerList().forEach(TensorValue::of);
    graph.getSparseInitializerList().forEach(ExternalData::refuse);
    graph.getNodeList().forEach(ExternalData::refuse);
  }

  private static void refuse(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasT()) {
        TensorValue.of(attribute.getT());
      }
      attribute.getTensorsList().forEach(TensorValue::of);
      if (attribute.hasSparseTensor()) {
        refuse(attribute.getSparseTensor());
      }
      attribute.getSparseTensorsList().forEach(ExternalData::refuse);
      if (attribute.hasG()) {
        refuse(attribute.getG());
      }
      attribute.getGraphsList().forEach(ExternalData::refuse);
    }
  }

  private static void refuse(SparseTensorProto tensor) {
    TensorValue.of(tensor.getValues());
    TensorValue.of(tensor.getIndices());
  }
}
