package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxGraphTest {
  @Test
  void writtenModel_isReadBackEqualAndRuns(@TempDir Path folder) {
    OnnxGraph graph = SmallModels.convolutional();
    graph.metadata().put("classes", "a,b");
    Path file = folder.resolve("model.onnx");
    graph.write(file);

    OnnxGraph read = OnnxGraph.read(file);

    assertThat(read.toBytes()).isEqualTo(graph.toBytes());
    assertThat(read.nodes()).isEqualTo(graph.nodes());
    assertThat(read.inputs()).isEqualTo(graph.inputs());
    assertThat(read.metadata()).containsEntry("classes", "a,b");
    assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    assertThat(folder.toFile().list()).hasSize(1);
    try (OrtModel model = OrtModel.open(read.toBytes(), OrtModel.Options.DEPLOYED)) {
      assertThat(model.run(SmallModels.random(2 * 3 * 64, 9), 2, 3, 8, 8)).hasSize(10);
    }
  }

  @Test
  void unknownNodesAttributesAndFields_surviveEditing() throws Exception {
    UnknownFieldSet future =
        UnknownFieldSet.newBuilder()
            .addField(
                900,
                UnknownFieldSet.Field.newBuilder()
                    .addLengthDelimited(ByteString.copyFromUtf8("later"))
                    .build())
            .build();
    ModelProto original = ModelProto.parseFrom(SmallModels.convolutional().toBytes());
    NodeProto foreign =
        NodeProto.newBuilder()
            .setOpType("Foreign")
            .setDomain("elsewhere")
            .addInput("logits")
            .addOutput("extra")
            .addAttribute(AttributeProto.newBuilder().setName("k").setI(7).setUnknownFields(future))
            .setUnknownFields(future)
            .build();
    ModelProto.Builder builder = original.toBuilder().setUnknownFields(future);
    builder.getGraphBuilder().addNode(foreign).setUnknownFields(future).setDocString("doc");
    ModelProto model = builder.build();

    OnnxGraph graph = OnnxGraph.parse(model.toByteArray());
    graph.addInitializer(TensorValue.floats("c", new float[5], 5));
    graph.addInitializer(TensorValue.floats("c", SmallModels.random(5, 4), 5));

    assertThat(ModelProto.parseFrom(graph.toBytes())).isEqualTo(model);
  }

  @Test
  void nodes_areOrderedByTheValuesTheyTake() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.add(OnnxNode.of("Relu", "second", List.of("m"), List.of("y")));
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(1))));
    graph.addOutput(new ValueInfo("y", ElementType.FLOAT, List.of(Dimension.of(1))));
    graph.add(OnnxNode.of("Neg", "first", List.of("x"), List.of("m")));

    assertThat(graph.nodes()).extracting(OnnxNode::name).containsExactly("first", "second");
    assertThat(graph.producer("m").orElseThrow().name()).isEqualTo("first");
    assertThat(graph.consumers("m")).extracting(OnnxNode::name).containsExactly("second");
  }

  @Test
  void edits_replaceRedirectAndRemoveUnused() {
    OnnxGraph graph = SmallModels.convolutional();
    OnnxNode relu = graph.producer("x1").orElseThrow();
    graph.redirect("x1", "x0");
    assertThat(graph.consumers("x0"))
        .extracting(OnnxNode::opType)
        .containsExactly("Relu", "GlobalAveragePool");
    graph.removeUnused();
    assertThat(graph.nodes()).doesNotContain(relu).hasSize(4);

    OnnxNode head = graph.producer("logits").orElseThrow();
    graph.replace(
        head,
        List.of(
            head.withOutputs(List.of("raw")),
            OnnxNode.of("Softmax", "soft", List.of("raw"), List.of("logits"))));
    assertThat(graph.nodes().getLast().opType()).isEqualTo("Softmax");
    graph.addInitializer(TensorValue.floats("spare", new float[1], 1));
    graph.removeUnused();
    assertThat(graph.initializer("spare")).isEmpty();
  }

  @Test
  void copy_isIndependent() {
    OnnxGraph graph = SmallModels.convolutional();
    byte[] before = graph.toBytes();
    OnnxGraph copy = graph.copy();
    copy.remove(copy.producer("logits").orElseThrow());
    copy.metadata().put("a", "b");
    copy.addInitializer(TensorValue.floats("c", new float[5], 5));

    assertThat(graph.toBytes()).isEqualTo(before);
  }

  @Test
  void freshName_isUnusedByValuesAndNodes() {
    OnnxGraph graph = SmallModels.convolutional();
    assertThat(graph.freshName("conv")).isEqualTo("conv_1");
    assertThat(graph.freshName("w")).isEqualTo("w_1");
    assertThat(graph.freshName("q")).isEqualTo("q");
    assertThat(graph.freshName("q")).isEqualTo("q_1");
  }

  @Test
  void cycle_isRefusedByName() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.add(OnnxNode.of("Neg", "chicken", List.of("a"), List.of("b")));
    graph.add(OnnxNode.of("Neg", "egg", List.of("b"), List.of("a")));
    assertThatThrownBy(graph::nodes)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("chicken")
        .hasMessageContaining("cycle");
  }

  @Test
  void missingValue_isNamed() {
    OnnxGraph graph = SmallModels.convolutional();
    graph.removeInitializer("v");
    assertThatThrownBy(graph::toBytes)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'v'")
        .hasMessageContaining("head");
  }

  @Test
  void shapeOnlyTensor_cannotBeWritten() {
    OnnxGraph graph = SmallModels.convolutional();
    graph.addInitializer(TensorValue.shapeOnly("v", ElementType.FLOAT, 5, 4));
    assertThatThrownBy(graph::toBytes)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'v'")
        .hasMessageContaining("only to be costed");
  }

  @Test
  void missingFile_isNamedWithAdvice(@TempDir Path folder) {
    Path file = folder.resolve("none.onnx");
    assertThatThrownBy(() -> OnnxGraph.read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("none.onnx")
        .hasMessageContaining("Maybe");
  }

  @Test
  void failedWrite_leavesNoFile(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("plain"));
    assertThatThrownBy(() -> SmallModels.convolutional().write(file.resolve("model.onnx")))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("cannot be written");
    assertThat(folder.toFile().list()).containsExactly("plain");
  }

  @Test
  void runWithNamedTensors_equalsTheSimpleRun() {
    float[] input = SmallModels.random(3 * 64, 5);
    OnnxGraph graph = SmallModels.convolutional();
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.LITERAL, List.of("x1"))) {
      Map<String, TensorValue> all =
          model.run(Map.of("input", TensorValue.floats("input", input, 1, 3, 8, 8)));
      assertThat(all.get("logits").floats()).isEqualTo(model.run(input, 1, 3, 8, 8));
      assertThat(all.get("x1").dims()).containsExactly(1, 4, 8, 8);
    }
  }

  @Test
  void read_ofWhatIsNoFile_saysSo(@TempDir Path folder) {
    assertThatThrownBy(() -> OnnxGraph.read(folder.resolve("gone.onnx")))
        .isInstanceOf(OnnxException.class)
        .hasMessage(
            "model '%s': there is no such file. Maybe the path is wrong."
                .formatted(folder.resolve("gone.onnx")));
    assertThatThrownBy(() -> OnnxGraph.read(folder))
        .isInstanceOf(OnnxException.class)
        .hasMessage("model '%s': this is not a file. Maybe the path is wrong.".formatted(folder));
  }
}
