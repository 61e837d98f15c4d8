package dev.lathe.farm;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** ONNX files to measure: ordinary ones, and ones that real runtimes choke on. */
public final class TestModels {
  private static final Dimension BATCH = Dimension.of("N");

  private final OnnxGraph graph;
  private final SplittableRandom random;

  private TestModels(String name, long seed) {
    graph = OnnxGraph.create(name, 17);
    random = new SplittableRandom(seed);
  }

  /** Inverted residual blocks of so many channels, as in the networks that Lathe searches. */
  public static byte[] mobile(int channels, int blocks, int resolution) {
    TestModels at = new TestModels("mobile", channels * 1000L + blocks);
    Dimension side = Dimension.of(resolution);
    Dimension one = Dimension.of(1);
    at.graph.addInput(
        new ValueInfo("input", ElementType.FLOAT, List.of(BATCH, Dimension.of(3), side, side)));
    at.graph.addOutput(
        new ValueInfo(
            "output", ElementType.FLOAT, List.of(BATCH, Dimension.of(channels), one, one)));
    at.conv("input", "stem.c", channels, 3, 3, 2, 1);
    at.node("Relu", "stem", "stem.c");
    String last = "stem";
    int wide = 4 * channels;
    for (int i = 0; i < blocks; i++) {
      String block = "b" + i;
      at.conv(last, block + ".e", wide, channels, 1, 1, 1);
      at.node("Relu", block + ".er", block + ".e");
      at.conv(block + ".er", block + ".d", wide, 1, 3, 1, wide);
      at.node("Relu", block + ".dr", block + ".d");
      at.conv(block + ".dr", block + ".p", channels, wide, 1, 1, 1);
      at.node("Add", block, last, block + ".p");
      last = block;
    }
    at.node("GlobalAveragePool", "output", last);
    return at.graph.toBytes();
  }

  /** Takes a text for its input, which cannot be drawn at random. */
  public static byte[] textual() {
    TestModels at = new TestModels("textual", 1);
    at.graph.addInput(new ValueInfo("input", ElementType.STRING, List.of(Dimension.of(1))));
    at.graph.addOutput(new ValueInfo("output", ElementType.STRING, List.of(Dimension.of(1))));
    at.node("Identity", "output", "input");
    return at.graph.toBytes();
  }

  /** A loop of 2⁶² rounds: valid, and never done. */
  public static byte[] endless() throws IOException {
    TestModels body = new TestModels("body", 1);
    body.graph.addInput(new ValueInfo("i", ElementType.INT64, List.of()));
    body.graph.addInput(new ValueInfo("going", ElementType.BOOL, List.of()));
    body.graph.addInput(vector("x", 4));
    body.graph.addOutput(new ValueInfo("on", ElementType.BOOL, List.of()));
    body.graph.addOutput(vector("y", 4));
    body.node("Identity", "on", "going");
    body.node("Sin", "y", "x");
    GraphProto inner = ModelProto.parseFrom(body.graph.toBytes()).getGraph();
    TestModels at = new TestModels("endless", 1);
    at.graph.addInput(vector("input", 4));
    at.graph.addOutput(vector("output", 4));
    at.graph.addInitializer(TensorValue.int64("n", new long[] {1L << 62}));
    at.graph.addInitializer(TensorValue.raw("yes", ElementType.BOOL, new byte[] {1}));
    Attribute attribute =
        new Attribute(
            AttributeProto.newBuilder()
                .setName("body")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(inner)
                .build());
    at.graph.add(
        OnnxNode.of("Loop", "loop", List.of("n", "yes", "input"), List.of("output"), attribute));
    return at.graph.toBytes();
  }

  /** Spreads its input over 2³⁶ elements, 256 GiB: valid, and too large for any child. */
  public static byte[] huge() {
    TestModels at = new TestModels("huge", 1);
    at.graph.addInput(vector("input", 1));
    at.graph.addOutput(new ValueInfo("output", ElementType.FLOAT, List.of()));
    at.graph.addInitializer(TensorValue.int64("shape", new long[] {1L << 18, 1L << 18}, 2));
    at.node("Expand", "wide", "input", "shape");
    at.graph.add(
        OnnxNode.of(
            "ReduceMax",
            "output",
            List.of("wide"),
            List.of("output"),
            Attribute.integer("keepdims", 0)));
    return at.graph.toBytes();
  }

  /** Writes bytes to a file of that name. */
  public static Path file(Path folder, String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void conv(
      String from, String name, int out, int inPerGroup, int kernel, int stride, int groups) {
    float[] weights = new float[out * inPerGroup * kernel * kernel];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian(0, 0.1);
    }
    graph.addInitializer(TensorValue.floats(name + ".w", weights, out, inPerGroup, kernel, kernel));
    int pad = kernel / 2;
    graph.add(
        OnnxNode.of(
            "Conv",
            name,
            List.of(from, name + ".w"),
            List.of(name),
            Attribute.integer("group", groups),
            Attribute.ints("kernel_shape", kernel, kernel),
            Attribute.ints("strides", stride, stride),
            Attribute.ints("pads", pad, pad, pad, pad)));
  }

  private void node(String type, String output, String... inputs) {
    graph.add(OnnxNode.of(type, output, List.of(inputs), List.of(output)));
  }

  private static ValueInfo vector(String name, long size) {
    return new ValueInfo(name, ElementType.FLOAT, List.of(Dimension.of(size)));
  }
}
