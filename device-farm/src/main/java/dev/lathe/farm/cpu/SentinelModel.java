package dev.lathe.farm.cpu;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.SplittableRandom;

/**
 * The fixed small network that is measured before and after every job. It never changes, so a
 * change of its latency is a change of the machine. Its shape is that of the networks that are
 * measured: a strided convolution, then an inverted residual block, pooling, and a classifier.
 */
final class SentinelModel {
  private static final int FLOAT = 1;

  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("sentinel");
  private final SplittableRandom random = new SplittableRandom(1);

  private SentinelModel() {}

  /** The bytes of the ONNX file, always the same. Input float32 [1, 3, 32, 32]. */
  static byte[] bytes() {
    return new SentinelModel().build();
  }

  private byte[] build() {
    graph.addInput(value("input", 1, 3, 32, 32)).addOutput(value("output", 1, 10));
    conv("input", "stem", 16, 3, 3, 2, 1);
    conv("stem", "expand", 64, 16, 1, 1, 1);
    conv("expand", "depthwise", 64, 1, 3, 1, 64);
    conv("depthwise", "project", 32, 64, 1, 1, 1);
    graph.addNode(node("GlobalAveragePool", "pool", "project"));
    graph.addNode(node("Flatten", "flat", "pool"));
    weights("gemm.w", 10, 32);
    graph.addNode(
        node("Gemm", "output", "flat", "gemm.w").toBuilder().addAttribute(integer("transB", 1)));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setProducerName("lathe")
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private void conv(
      String from, String name, int out, int inPerGroup, int kernel, int stride, int groups) {
    weights(name + ".w", out, inPerGroup, kernel, kernel);
    NodeProto.Builder conv =
        node("Conv", name + ".c", from, name + ".w").toBuilder()
            .addAttribute(integer("group", groups))
            .addAttribute(integers("kernel_shape", kernel, kernel))
            .addAttribute(integers("strides", stride, stride));
    int pad = kernel / 2;
    graph.addNode(conv.addAttribute(integers("pads", pad, pad, pad, pad)));
    graph.addNode(node("Relu", name, name + ".c"));
  }

  private void weights(String name, long... dims) {
    TensorProto.Builder tensor = TensorProto.newBuilder().setName(name).setDataType(FLOAT);
    long size = 1;
    for (long dim : dims) {
      tensor.addDims(dim);
      size *= dim;
    }
    for (long i = 0; i < size; i++) {
      tensor.addFloatData((float) random.nextGaussian(0, 0.1));
    }
    graph.addInitializer(tensor);
  }

  private static NodeProto node(String type, String output, String... inputs) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(type).setName(output).addOutput(output);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node.build();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute.build();
  }

  private static ValueInfoProto value(String name, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(FLOAT).setShape(shape)))
        .build();
  }
}
