package dev.lathe.onnx.opset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OpsetConversionTest {
  /** One node of an older operator set on [2, 3, 4, 4], and further constant inputs. */
  private static Arguments node(int opset, String opType, List<TensorValue> more, Attribute... of) {
    OnnxGraph graph = OnnxGraph.create("g", opset);
    graph.addInput(
        new ValueInfo(
            "x",
            ElementType.FLOAT,
            Stream.of(2L, 3L, 4L, 4L).map(size -> (Dimension) Dimension.of(size)).toList()));
    more.forEach(graph::addInitializer);
    List<String> inputs =
        Stream.concat(Stream.of("x"), more.stream().map(TensorValue::name)).toList();
    graph.add(OnnxNode.of(opType, "", inputs, List.of("y"), of));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return Arguments.of(opType + " " + opset, graph);
  }

  static Stream<Arguments> nodes() {
    TensorValue scales = TensorValue.floats("s", new float[] {1, 1, 2, 2}, 4);
    TensorValue halves = TensorValue.floats("s", new float[] {1, 1, .5f, .5f}, 4);
    TensorValue slope = TensorValue.floats("c", new float[] {.1f, .2f, .3f}, 3, 1, 1);
    return Stream.of(
        node(9, "Clip", List.of(), Attribute.floating("min", -0.5f), Attribute.floating("max", 1)),
        node(7, "Clip", List.of(), Attribute.floating("min", 0)),
        node(9, "Softmax", List.of()),
        node(9, "Softmax", List.of(), Attribute.integer("axis", 3)),
        node(11, "LogSoftmax", List.of(), Attribute.integer("axis", 2)),
        node(9, "Slice", List.of(), Attribute.ints("starts", 1, 0), Attribute.ints("ends", 3, 2)),
        node(
            9,
            "Slice",
            List.of(),
            Attribute.ints("axes", 2),
            Attribute.ints("starts", 1),
            Attribute.ints("ends", -1)),
        node(
            9,
            "Pad",
            List.of(),
            Attribute.ints("pads", 0, 0, 1, 1, 0, 0, 2, 0),
            Attribute.floating("value", .5f)),
        node(9, "Upsample", List.of(scales), Attribute.string("mode", "nearest")),
        node(9, "Upsample", List.of(scales), Attribute.string("mode", "linear")),
        node(7, "Upsample", List.of(), Attribute.floats("scales", 1, 1, 2, 2)),
        node(10, "Resize", List.of(scales), Attribute.string("mode", "nearest")),
        node(10, "Resize", List.of(halves), Attribute.string("mode", "nearest")),
        node(10, "Resize", List.of(scales), Attribute.string("mode", "linear")),
        node(9, "Unsqueeze", List.of(), Attribute.ints("axes", 0, 3)),
        node(12, "ReduceSum", List.of(), Attribute.ints("axes", 1)),
        node(9, "ReduceMean", List.of(), Attribute.ints("axes", 2, 3)),
        node(11, "ReduceMax", List.of(), Attribute.ints("axes", -1)),
        node(9, "Dropout", List.of(), Attribute.floating("ratio", .3f)),
        node(9, "PRelu", List.of(slope)),
        node(8, "TopK", List.of(), Attribute.integer("k", 2)),
        node(7, "LeakyRelu", List.of(), Attribute.floating("alpha", .2f)),
        node(
            9,
            "MaxPool",
            List.of(),
            Attribute.ints("kernel_shape", 2, 2),
            Attribute.ints("strides", 2, 2)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nodes")
  void raisedNode_computesTheSame(String name, OnnxGraph graph) {
    if (name.startsWith("TopK")) {
      OnnxNode node = graph.nodes().getFirst();
      graph.replace(node, List.of(node.withOutputs(List.of("y", "indices"))));
    }
    OnnxGraph raised = graph.copy();
    OpsetConversion.raise(raised, OpsetConversion.CURRENT);
    assertThat(raised.opset()).isEqualTo(OpsetConversion.CURRENT);
    TensorValue wanted = run(graph);
    TensorValue found = run(raised);
    assertThat(found.dims()).isEqualTo(wanted.dims());
    float[] a = wanted.floats();
    float[] b = found.floats();
    for (int i = 0; i < a.length; i++) {
      assertThat(b[i]).isCloseTo(a[i], org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  private static TensorValue run(OnnxGraph graph) {
    SplittableRandom random = new SplittableRandom(3);
    float[] values = new float[2 * 3 * 4 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.LITERAL)) {
      return model.run(Map.of("x", TensorValue.floats("x", values, 2, 3, 4, 4))).get("y");
    }
  }

  @Test
  void nodesOfNestedGraphs_areRaisedToo() {
    OnnxGraph graph = OnnxGraph.create("g", 9);
    graph.addInput(
        new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(2), Dimension.of(3))));
    graph.addInitializer(TensorValue.raw("yes", ElementType.BOOL, new byte[] {1}));
    graph.add(
        OnnxNode.of(
            "If", "", List.of("yes"), List.of("y"), branch("then_branch"), branch("else_branch")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    OpsetConversion.raise(graph, OpsetConversion.CURRENT);
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      assertThat(model.run(new float[] {0, 1, 2, -1, .5f, .1f}, 2, 3))
          .containsExactly(0, .25f, .25f, -1, .25f, .1f);
    }
  }

  private static Attribute branch(String name) {
    var graph =
        ai.onnx.proto.OnnxMl.GraphProto.newBuilder()
            .setName(name)
            .addNode(
                OnnxNode.of(
                        "Clip",
                        "",
                        List.of("x"),
                        List.of(name + "_z"),
                        Attribute.floating("max", .25f),
                        Attribute.floating("min", -9f))
                    .proto())
            .addOutput(
                ai.onnx.proto.OnnxMl.ValueInfoProto.newBuilder()
                    .setName(name + "_z")
                    .setType(
                        ai.onnx.proto.OnnxMl.TypeProto.newBuilder()
                            .setTensorType(
                                ai.onnx.proto.OnnxMl.TypeProto.Tensor.newBuilder()
                                    .setElemType(1))));
    return new Attribute(
        ai.onnx.proto.OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.GRAPH)
            .setG(graph)
            .build());
  }

  /** Of set 6 there is nothing here that runs it. */
  @Test
  void slopesOfChannels_standBeforeTheirPositions() {
    OnnxGraph graph = OnnxGraph.create("g", 6);
    graph.addInput(
        new ValueInfo(
            "x",
            ElementType.FLOAT,
            List.of(Dimension.of(1), Dimension.of(3), Dimension.of(1), Dimension.of(2))));
    graph.addInitializer(TensorValue.floats("slope", new float[] {.1f, .2f, .3f}, 3));
    graph.add(OnnxNode.of("PRelu", "", List.of("x", "slope"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    OpsetConversion.raise(graph, OpsetConversion.CURRENT);
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      assertThat(model.run(new float[] {-1, 1, -1, -2, 3, -1}, 1, 3, 1, 2))
          .containsExactly(-.1f, 1, -.2f, -.4f, 3, -.3f);
    }
  }

  @Test
  void whatHasNoEqual_isRefusedByNode() {
    OnnxGraph graph = (OnnxGraph) node(8, "Scan", List.of()).get()[1];
    assertThatThrownBy(() -> OpsetConversion.raise(graph, OpsetConversion.CURRENT))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("Scan -> y of operator set 8");
  }
}
