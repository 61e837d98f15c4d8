package dev.lathe.runs.isolated;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Models that mean harm, or are damaged. Those that can be read take an image of 8 × 8 pixels. */
public final class HostileModels {
  private static final long ROUNDS = 1L << 60;

  private HostileModels() {}

  /** A classifier that does no harm. */
  public static OnnxGraph sound() {
    OnnxGraph graph = graph("sound");
    classify(graph, "x");
    return graph;
  }

  private static void classify(OnnxGraph graph, String image) {
    float[] weights = new float[8 * 3 * 9];
    Random random = new Random(3);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian() / 5;
    }
    graph.addInitializer(TensorValue.floats("w", weights, 8, 3, 3, 3));
    graph.add(OnnxNode.of("Conv", "conv", List.of(image, "w"), List.of("c")));
    graph.add(OnnxNode.of("Relu", "relu", List.of("c"), List.of("r")));
    graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of("r"), List.of("p")));
    graph.add(
        OnnxNode.of(
            "Flatten", "flatten", List.of("p"), List.of("y"), Attribute.integer("axis", 1)));
    graph.addOutput(
        new ValueInfo("y", ElementType.FLOAT, List.of(Dimension.of(1), Dimension.of(8))));
  }

  /** The model with a shape that it claims for a value within. */
  private static OnnxGraph claiming(OnnxGraph graph, ValueInfoProto value) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(graph.toBytes()).toBuilder();
      model.getGraphBuilder().addValueInfo(value);
      return OnnxGraph.parse(model.build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Goes round for ever, whatever its input is. */
  public static OnnxGraph endless() {
    OnnxGraph graph = graph("endless");
    graph.addInitializer(TensorValue.int64("rounds", new long[] {ROUNDS}));
    loop(graph, "rounds");
    classify(graph, "turned");
    return claiming(graph, value("turned", 1, 1, 3, 8, 8));
  }

  /** Ends at once on zeros, and goes round for ever on anything else. */
  public static OnnxGraph endlessOnData() {
    OnnxGraph graph = graph("endless-on-data");
    number(graph, "rounds", (float) ROUNDS);
    loop(graph, "rounds");
    classify(graph, "turned");
    return claiming(graph, value("turned", 1, 1, 3, 8, 8));
  }

  /** A tensor of 2^40 numbers. */
  public static OnnxGraph huge() {
    OnnxGraph graph = graph("huge");
    graph.addInitializer(TensorValue.int64("shape", new long[] {1L << 40}, 1));
    graph.add(OnnxNode.of("ConstantOfShape", "many", List.of("shape"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  /** An image, so often that it fills all memory. */
  public static OnnxGraph hugeTile(String operator) {
    OnnxGraph graph = graph("huge-" + operator);
    graph.addInitializer(TensorValue.int64("times", new long[] {1L << 32, 1, 1, 1}, 4));
    if (operator.equals("Expand")) {
      graph.addInitializer(TensorValue.int64("times8", new long[] {1L << 32, 3, 8, 8}, 4));
    }
    graph.add(
        OnnxNode.of(
            operator,
            "many",
            List.of("x", operator.equals("Expand") ? "times8" : "times"),
            List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  /** Nothing on zeros, and on anything else more numbers than there is memory for. */
  public static OnnxGraph hugeOnData() {
    OnnxGraph graph = graph("huge-on-data");
    number(graph, "count", 1e13f);
    graph.addInitializer(TensorValue.int64("one", new long[] {1}, 1));
    graph.add(OnnxNode.of("Reshape", "row", List.of("count", "one"), List.of("shape")));
    graph.add(OnnxNode.of("ConstantOfShape", "many", List.of("shape"), List.of("m")));
    graph.add(
        OnnxNode.of(
            "ReduceSum", "sum", List.of("m"), List.of("s"), Attribute.integer("keepdims", 0)));
    graph.add(OnnxNode.of("Add", "add", List.of("x", "s"), List.of("i")));
    classify(graph, "i");
    return claiming(graph, value("m", 1, 4));
  }

  /** Says that it makes 63 numbers of 192. */
  public static OnnxGraph liar() {
    OnnxGraph graph = graph("liar");
    graph.addInitializer(TensorValue.int64("shape", new long[] {7, 9}, 2));
    graph.add(OnnxNode.of("Reshape", "lie", List.of("x", "shape"), List.of("y")));
    graph.addOutput(
        new ValueInfo("y", ElementType.FLOAT, List.of(Dimension.of(7), Dimension.of(9))));
    return graph;
  }

  /** Graphs within branches within graphs. */
  public static byte[] nested() {
    GraphProto inner =
        GraphProto.newBuilder()
            .setName("leaf")
            .addNode(node("Identity", "x", "y"))
            .addOutput(value("y", 1, 0))
            .build();
    for (int depth = 0; depth < 400; depth++) {
      inner =
          GraphProto.newBuilder()
              .setName("n")
              .addNode(
                  NodeProto.newBuilder()
                      .setOpType("If")
                      .addInput("true")
                      .addOutput("y")
                      .addAttribute(
                          AttributeProto.newBuilder()
                              .setName("then_branch")
                              .setType(AttributeProto.AttributeType.GRAPH)
                              .setG(inner)))
              .addOutput(value("y", 1, 0))
              .build();
    }
    return ModelProto.newBuilder().setIrVersion(8).setGraph(inner).build().toByteArray();
  }

  /** What is no model, by what it is. */
  public static Map<String, byte[]> garbage() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    byte[] noise = new byte[100_000];
    new Random(7).nextBytes(noise);
    files.put("noise", noise);
    files.put("nothing", new byte[0]);
    byte[] groups = new byte[200_000];
    Arrays.fill(groups, (byte) 0x3b);
    files.put("groups without end", groups);
    files.put("nested", nested());
    files.put("half", Arrays.copyOf(sound().toBytes(), 500));
    return files;
  }

  /** A tensor of so many millions of numbers, a byte each in the file and many more in memory. */
  public static byte[] packed(int millions) {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    field(tensor, 0x3a, new byte[millions * 1_000_000]); // int64_data
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    field(graph, 0x2a, tensor.toByteArray()); // initializer
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    field(model, 0x3a, graph.toByteArray()); // graph
    return model.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int tag, byte[] content) {
    out.write(tag);
    int rest = content.length;
    while (rest > 127) {
      out.write(rest & 127 | 128);
      rest >>>= 7;
    }
    out.write(rest);
    out.writeBytes(content);
  }

  private static OnnxGraph graph(String name) {
    OnnxGraph graph = OnnxGraph.create(name, 17);
    graph.addInput(
        new ValueInfo(
            "x",
            ElementType.FLOAT,
            List.of(Dimension.of(1), Dimension.of(3), Dimension.of(8), Dimension.of(8))));
    return graph;
  }

  /** A whole number that is 0 if the image is black, and otherwise grows with its brightest. */
  private static void number(OnnxGraph graph, String to, float times) {
    graph.addInitializer(TensorValue.floats("times", new float[] {times}));
    graph.add(OnnxNode.of("Abs", "size", List.of("x"), List.of("a")));
    graph.add(
        OnnxNode.of(
            "ReduceMax", "most", List.of("a"), List.of("b"), Attribute.integer("keepdims", 0)));
    graph.add(OnnxNode.of("Mul", "scale", List.of("b", "times"), List.of("d")));
    graph.add(OnnxNode.of("Cast", "whole", List.of("d"), List.of(to), Attribute.integer("to", 7)));
  }

  /** The image negated so many times, as {@code turned}. */
  private static void loop(OnnxGraph graph, String rounds) {
    graph.addInitializer(TensorValue.raw("true", ElementType.BOOL, new byte[] {1}));
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addInput(value("round", 7))
            .addInput(value("go", 9))
            .addInput(value("state", 1, 1, 3, 8, 8))
            .addNode(node("Identity", "go", "goes"))
            .addNode(node("Neg", "state", "stated"))
            .addOutput(value("goes", 9))
            .addOutput(value("stated", 1, 1, 3, 8, 8))
            .build();
    graph.add(
        new OnnxNode(
            NodeProto.newBuilder()
                .setOpType("Loop")
                .setName("loop")
                .addInput(rounds)
                .addInput("true")
                .addInput("x")
                .addOutput("turned")
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("body")
                        .setType(AttributeProto.AttributeType.GRAPH)
                        .setG(body))
                .build()));
  }

  private static NodeProto node(String operator, String input, String output) {
    return NodeProto.newBuilder().setOpType(operator).addInput(input).addOutput(output).build();
  }

  private static ValueInfoProto value(String name, int type, long... dims) {
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
