package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;

/** A model that never comes to an end. */
final class EndlessLoop {
  private EndlessLoop() {}

  /**
   * y = x, negated for ever.
   *
   * @param bounded whether the loop has a bound, of 2^60 rounds
   */
  static OnnxGraph model(boolean bounded) {
    OnnxGraph graph = OnnxGraph.create("endless", 17);
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(4))));
    graph.addInitializer(TensorValue.int64("trips", new long[] {1L << 60}));
    graph.addInitializer(TensorValue.raw("true", ElementType.BOOL, new byte[] {1}));
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(value("round", 7))
            .addInput(value("go", 9))
            .addInput(value("state", 1))
            .addNode(node("Identity", "go", "goes"))
            .addNode(node("Neg", "state", "stated"))
            .addOutput(value("goes", 9))
            .addOutput(value("stated", 1))
            .build();
    NodeProto loop =
        NodeProto.newBuilder()
            .setOpType("Loop")
            .setName("loop")
            .addInput(bounded ? "trips" : "")
            .addInput("true")
            .addInput("x")
            .addOutput("y")
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("body")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(body))
            .build();
    graph.add(new OnnxNode(loop));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  private static NodeProto node(String operator, String input, String output) {
    return NodeProto.newBuilder().setOpType(operator).addInput(input).addOutput(output).build();
  }

  /** A scalar, or the state of four numbers. */
  private static ValueInfoProto value(String name, int type) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    if (type == 1) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(4));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
