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
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Weights that a model keeps in files beside it. They are read only from regular files in the
 * model's own folder, as many bytes as their shapes need; larger ones stay there until somebody
 * asks for them.
 */
final class ExternalData {
  /** All such weights of a model together, bytes. */
  private static final long MAX_BYTES = 1L << 36;

  private final Path folder;
  private final long leastFileBytes;
  private final int leastBytes;
  private final Map<String, FileChannel> files = new HashMap<>();
  private long bytes;

  /**
   * The files beside a model.
   *
   * @param folder of the model
   * @param leastFileBytes files of fewer bytes are read into memory
   * @param leastBytes so are tensors of fewer bytes
   */
  ExternalData(Path folder, long leastFileBytes, int leastBytes) {
    this.folder = folder;
    this.leastFileBytes = leastFileBytes;
    this.leastBytes = leastBytes;
  }

  static boolean isExternal(TensorProto tensor) {
    return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
  }

  /**
   * An initializer with its elements.
   *
   * @throws OnnxException naming the tensor whose data cannot be read or are not allowed
   */
  TensorValue read(TensorProto tensor) {
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
      if (stated != length || offset < 0 || bytes > MAX_BYTES) {
        throw new OnnxException(
            "its shape needs %d bytes, the file offers %d at %d; the limit is %d for all."
                .formatted(length, stated, offset, MAX_BYTES));
      }
      FileSlice elements = slice(entries.getOrDefault("location", ""), offset, length);
      TensorProto.Builder inner =
          tensor.toBuilder().clearExternalData().clearDataLocation().clearRawData();
      return length >= leastBytes && elements.file().size() >= leastFileBytes
          ? TensorValue.stored(inner.build(), elements)
          : TensorValue.of(
              inner.setRawData(UnsafeByteOperations.unsafeWrap(elements.bytes())).build());
    } catch (OnnxException | IOException | IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(
          "tensor '%s' keeps its data in another file, which cannot be used: %s"
              .formatted(tensor.getName(), e.getMessage()),
          e);
    }
  }

  private FileSlice slice(String location, long offset, long length) throws IOException {
    FileChannel file = files.get(location);
    if (file == null) {
      file = FileChannel.open(file(location), READ, LinkOption.NOFOLLOW_LINKS);
      files.put(location, file);
    }
    if (offset > file.size() - length) {
      throw new OnnxException(
          "'%s' has %d bytes, %d at %d are asked for."
              .formatted(location, file.size(), length, offset));
    }
    return new FileSlice(file, offset, length);
  }

  private Path file(String location) {
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
    return file;
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
