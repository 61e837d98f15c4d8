package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExternalDataTest {
  @TempDir private Path folder;

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /** The model with all its weights, one after the other, in a file of this name. */
  private Path write(String location, Map<String, String> changed) throws IOException {
    ModelProto.Builder model =
        ModelProto.parseFrom(SmallModels.convolutional().toBytes()).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      TensorProto.Builder tensor = graph.getInitializerBuilder(i);
      byte[] bytes = tensor.getRawData().toByteArray();
      tensor
          .clearRawData()
          .setDataLocation(TensorProto.DataLocation.EXTERNAL)
          .addExternalData(entry("location", location))
          .addExternalData(
              entry("offset", changed.getOrDefault("offset", Integer.toString(data.size()))))
          .addExternalData(
              entry("length", changed.getOrDefault("length", Integer.toString(bytes.length))));
      data.write(bytes);
    }
    Files.write(folder.resolve("weights.bin"), data.toByteArray());
    return Files.write(folder.resolve("model.onnx"), model.build().toByteArray());
  }

  @Test
  void weightsBesideTheModel_areReadIn() throws IOException {
    OnnxGraph read = OnnxGraph.read(write("weights.bin", Map.of()));
    assertThat(OnnxGraph.parse(read.toBytes()).initializer("w").orElseThrow().floats())
        .isEqualTo(SmallModels.convolutional().initializer("w").orElseThrow().floats());
    assertThat(read.toBytes()).isEqualTo(SmallModels.convolutional().toBytes());
  }

  @ParameterizedTest
  @CsvSource({
    "../weights.bin",
    "/etc/passwd",
    "missing.bin",
    "sub/../weights.bin",
    "./weights.bin",
    "link.bin",
    ".",
    "''"
  })
  void otherPlaces_areRefusedByName(String location) throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), Path.of("weights.bin"));
    Path file = write(location, Map.of());
    assertThatThrownBy(() -> OnnxGraph.read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("tensor 'w'")
        .hasMessageContaining("own folder");
  }

  @ParameterizedTest
  @CsvSource({
    "offset, 999999999999",
    "offset, -1",
    "offset, x",
    "length, 5",
    "length, 99999999999999999999",
    "length, -1"
  })
  void piecesThatAreNotThere_areRefused(String key, String value) throws IOException {
    Path file = write("weights.bin", Map.of(key, value));
    assertThatThrownBy(() -> OnnxGraph.read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("tensor 'w'");
  }
}
