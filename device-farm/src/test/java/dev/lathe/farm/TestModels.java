package dev.lathe.farm;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** ONNX files to measure: ordinary ones, and ones that real runtimes choke on. */
public final class TestModels {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int BOOL = 9;

  private TestModels() {}

  /** Inverted residual blocks of so many channels, as in the networks that Lathe searches. */
  public static byte[] mobile(int channels, int blocks, int resolution) {
    SplittableRandom random = new SplittableRandom(channels * 1000L + blocks);
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("mobile")
            .addInput(batched("input", 3, resolution, resolution))
            .addOutput(batched("output", channels, 1, 1));
    conv(graph, random, "input", "stem", channels, 3, 3, 2, 1, true);
    String at = "stem";
    for (int i = 0; i < blocks; i++) {
      String block = "b" + i;
      conv(graph, random, at, block + ".e", 4 * channels, channels, 1, 1, 1, true);
      conv(graph, random, block + ".e", block + ".d", 4 * channels, 1, 3, 1, 4 * channels, true);
      conv(graph, random, block + ".d", block + ".p", channels, 4 * channels, 1, 1, 1, false);
      graph.addNode(node("Add", block, at, block + ".p"));
      at = block;
    }
    graph.addNode(node("GlobalAveragePool", "output", at));
    return model(graph);
  }

  /** A loop of 2⁶² rounds: valid, and never done. */
  public static byte[] endless() {
    GraphProto.Builder body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(typed("i", INT64))
            .addInput(typed("going", BOOL))
            .addInput(typed("x", FLOAT, 4))
            .addOutput(typed("on", BOOL))
            .addOutput(typed("y", FLOAT, 4))
            .addNode(node("Identity", "on", "going"))
            .addNode(node("Sin", "y", "x"));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("endless")
            .addInput(typed("input", FLOAT, 4))
            .addOutput(typed("output", FLOAT, 4))
            .addInitializer(
                TensorProto.newBuilder().setName("n").setDataType(INT64).addInt64Data(1L << 62))
            .addInitializer(
                TensorProto.newBuilder().setName("yes").setDataType(BOOL).addInt32Data(1))
            .addNode(
                node("Loop", "output", "n", "yes", "input").toBuilder()
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("body")
                            .setType(AttributeProto.AttributeType.GRAPH)
                            .setG(body)));
    return model(graph);
  }

  /** Spreads its input over 2³⁶ elements, 256 GiB: valid, and too large for any child. */
  public static byte[] huge() {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("huge")
            .addInput(typed("input", FLOAT, 1))
            .addOutput(typed("output", FLOAT, 1))
            .addInitializer(
                TensorProto.newBuilder()
                    .setName("shape")
                    .setDataType(INT64)
                    .addDims(2)
                    .addInt64Data(1L << 18)
                    .addInt64Data(1L << 18))
            .addNode(node("Expand", "wide", "input", "shape"))
            .addNode(node("ReduceMax", "output", "wide"));
    return model(graph);
  }

  /** Writes bytes to a file of that name. */
  public static Path file(Path folder, String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void conv(
      GraphProto.Builder graph,
      SplittableRandom random,
      String from,
      String name,
      int out,
      int inPerGroup,
      int kernel,
      int stride,
      int groups,
      boolean relu) {
    ByteBuffer data =
        ByteBuffer.allocate(4 * out * inPerGroup * kernel * kernel).order(ByteOrder.LITTLE_ENDIAN);
    while (data.hasRemaining()) {
      data.putFloat((float) random.nextGaussian(0, 0.1));
    }
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name + ".w")
            .setDataType(FLOAT)
            .addDims(out)
            .addDims(inPerGroup)
            .addDims(kernel)
            .addDims(kernel)
            .setRawData(ByteString.copyFrom(data.flip())));
    int pad = kernel / 2;
    graph.addNode(
        node("Conv", relu ? name + ".c" : name, from, name + ".w").toBuilder()
            .addAttribute(
                ints("group", groups)
                    .setType(AttributeProto.AttributeType.INT)
                    .setI(groups)
                    .clearInts())
            .addAttribute(ints("kernel_shape", kernel, kernel))
            .addAttribute(ints("strides", stride, stride))
            .addAttribute(ints("pads", pad, pad, pad, pad)));
    if (relu) {
      graph.addNode(node("Relu", name, name + ".c"));
    }
  }

  private static AttributeProto.Builder ints(String name, long... values) {
    AttributeProto.Builder attribute =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      attribute.addInts(value);
    }
    return attribute;
  }

  private static NodeProto node(String type, String output, String... inputs) {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(type).setName(output).addOutput(output);
    for (String input : inputs) {
      node.addInput(input);
    }
    return node.build();
  }

  private static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static ValueInfoProto batched(String name, long... dims) {
    ValueInfoProto.Builder value = typed(name, FLOAT, dims).toBuilder();
    TensorShapeProto.Builder shape =
        value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    shape.addDim(0, TensorShapeProto.Dimension.newBuilder().setDimParam("N"));
    return value.build();
  }

  private static ValueInfoProto typed(String name, int type, long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
