package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class HostileModelTest {
  private static final byte[] SOUND = SmallModels.convolutional().toBytes();

  /** Reading and costing a file either works or ends in an OnnxException; nothing else. */
  private static boolean survives(byte[] file) {
    try {
      OnnxGraph graph = OnnxGraph.parse(file);
      CostReport.of(graph, 1);
      return true;
    } catch (OnnxException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    }
  }

  @Test
  void fileCutAnywhere_isRefusedOrSound() {
    int refused = 0;
    for (int length = 0; length < SOUND.length; length++) {
      refused += survives(Arrays.copyOf(SOUND, length)) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(SOUND.length * 9 / 10);
  }

  @Test
  void fileWithChangedBytes_isRefusedOrSound() {
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int trial = 0; trial < 2000; trial++) {
      byte[] file = SOUND.clone();
      for (int change = random.nextInt(1, 6); change > 0; change--) {
        file[random.nextInt(file.length)] = (byte) random.nextInt();
      }
      refused += survives(file) ? 0 : 1;
    }
    assertThat(refused).isPositive();
  }

  @Test
  void noise_isRefused() {
    SplittableRandom random = new SplittableRandom(2);
    for (int trial = 0; trial < 300; trial++) {
      byte[] file = new byte[random.nextInt(1, 3000)];
      random.nextBytes(file);
      assertThat(survives(file)).isFalse();
    }
  }

  private static byte[] changed(Consumer<GraphProto.Builder> change) throws IOException {
    ModelProto.Builder model = ModelProto.parseFrom(SOUND).toBuilder();
    change.accept(model.getGraphBuilder());
    return model.build().toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../etc/passwd",
        "/etc/passwd",
        "weights.bin",
        "..\\..\\secret",
        "file:///etc/passwd",
        "*/_ORT_MEM_ADDR_/*",
        ""
      })
  void externalData_isRefusedWhereverItStands(String location) throws IOException {
    TensorProto outside =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addDims(4)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue(location))
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .build();
    NodeProto constant =
        NodeProto.newBuilder()
            .setOpType("Constant")
            .addOutput("k")
            .addAttribute(AttributeProto.newBuilder().setName("value").setT(outside))
            .build();
    NodeProto nested =
        NodeProto.newBuilder()
            .setOpType("If")
            .addOutput("k")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("then_branch")
                    .setG(GraphProto.newBuilder().addInitializer(outside)))
            .build();
    for (byte[] file :
        List.of(
            changed(graph -> graph.setInitializer(0, outside)),
            changed(graph -> graph.addNode(constant)),
            changed(graph -> graph.addNode(nested)))) {
      assertThatThrownBy(() -> OnnxGraph.parse(file))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("another file");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 5, 1_000_000_000, Long.MAX_VALUE, Long.MIN_VALUE})
  void tensorWhoseShapeLies_isRefusedByName(long size) throws IOException {
    byte[] file =
        changed(graph -> graph.getInitializerBuilder(0).clearDims().addDims(size).addDims(size));
    assertThatThrownBy(() -> OnnxGraph.parse(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'w'");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 24, 99, -7, Integer.MAX_VALUE})
  void unknownElementType_isRefused(int code) throws IOException {
    byte[] file = changed(graph -> graph.getInitializerBuilder(0).setDataType(code));
    assertThatThrownBy(() -> OnnxGraph.parse(file)).isInstanceOf(OnnxException.class);
  }

  @Test
  void millionsOfEmptyNodes_areRefusedBeforeTheyAreBuilt() throws IOException {
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(graph);
    for (int i = 0; i < 5_000_000; i++) {
      out.writeByteArray(1, new byte[0]);
    }
    out.flush();
    assertThatThrownBy(() -> OnnxGraph.parse(model(graph.toByteArray())))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("fields");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 1000, 20_000})
  void graphsNestedDeeply_areRefused(int depth) throws IOException {
    byte[] inner = new byte[0];
    for (int level = 0; level < Math.min(depth, 3000); level++) {
      // graph → node (1) → attribute (5) → graph (6)
      inner = field(1, field(5, field(6, inner)));
    }
    byte[] file = model(inner);
    assertThatThrownBy(() -> OnnxGraph.parse(file)).isInstanceOf(OnnxException.class);
  }

  private static byte[] field(int number, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeByteArray(number, content);
    out.flush();
    return bytes.toByteArray();
  }

  private static byte[] model(byte[] graph) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(field(8, new byte[] {16, 17}));
    bytes.write(field(7, graph));
    return bytes.toByteArray();
  }

  @Test
  void chainOfAHundredThousandNodes_isReadWithoutDeepRecursion() throws IOException {
    ModelProto.Builder builder = ModelProto.parseFrom(SOUND).toBuilder();
    String value = "logits";
    for (int i = 0; i < 100_000; i++) {
      builder
          .getGraphBuilder()
          .addNode(
              NodeProto.newBuilder().setOpType("Neg").addInput(value).addOutput(value = "n" + i));
    }
    assertThat(survives(builder.build().toByteArray())).isTrue();
  }

  @Test
  void cyclesAndDuplicates_areRefused() throws IOException {
    NodeProto selfish =
        NodeProto.newBuilder().setOpType("Neg").addInput("s").addOutput("s").build();
    NodeProto twice =
        NodeProto.newBuilder().setOpType("Neg").addInput("input").addOutput("x1").build();
    assertThat(survives(changed(graph -> graph.addNode(selfish)))).isFalse();
    assertThat(survives(changed(graph -> graph.addNode(twice)))).isFalse();
    assertThat(survives(changed(graph -> graph.addInitializer(graph.getInitializer(0))))).isFalse();
    assertThat(survives(changed(GraphProto.Builder::clearInitializer))).isFalse();
  }

  @Test
  void hugeShapesByArithmetic_areRefusedNotAllocated() {
    OnnxGraph graph = OnnxGraph.create("bomb", 17);
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(2))));
    graph.addInitializer(TensorValue.int64("shape", new long[] {1L << 40, 1L << 40}, 2));
    graph.add(OnnxNode.of("ConstantOfShape", "bomb", List.of("shape"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    assertThatThrownBy(() -> CostReport.of(OnnxGraph.parse(graph.toBytes()), 1))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("bomb")
        .hasMessageContaining("too many elements");
  }
}
