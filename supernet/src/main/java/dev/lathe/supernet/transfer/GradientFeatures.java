package dev.lathe.supernet.transfer;

import dev.lathe.data.Normalization;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * Histograms of oriented gradients (N. Dalal and B. Triggs, "Histograms of Oriented Gradients for
 * Human Detection", 2005, doi:10.1109/CVPR.2005.177) beside mean colours, as an ONNX graph: what a
 * linear classifier can use without any training of features. A gradient votes for the nearest of
 * nine directions by how much its part in that direction exceeds what a gradient half way to the
 * next would have.
 */
public final class GradientFeatures {
  private static final int DIRECTIONS = 9;
  private static final int CELLS = 8;
  private static final int COLOURS = 4;
  private static final float[] LUMA = {0.299f, 0.587f, 0.114f};
  private static final float SMALL = 1e-4f;

  private final OnnxGraph graph = OnnxGraph.create("gradients", 17);
  private final int side;

  private GradientFeatures(int side) {
    this.side = side;
  }

  /**
   * The features of images of three channels.
   *
   * @param side of the images, in pixels, at least 8
   * @param normalization with which they come
   * @return a graph from {@code input} [N, 3, side, side] to {@code features} [N, f]
   */
  public static OnnxGraph of(int side, Normalization normalization) {
    return new GradientFeatures(side).build(normalization);
  }

  private OnnxGraph build(Normalization normalization) {
    graph.addInput(
        new ValueInfo(
            "input",
            ElementType.FLOAT,
            List.of(
                new Dimension.Symbolic("N"),
                new Dimension.Fixed(3),
                new Dimension.Fixed(side),
                new Dimension.Fixed(side))));
    // Directional derivatives of the grey image; no border is added, which would be an edge.
    String along = node("Conv", List.of("input", derivatives(normalization)));
    String size = node("Abs", List.of(along));
    String squares = node("Mul", List.of(along, along));
    String sum = node("ReduceSum", List.of(squares, axes(1)), Attribute.integer("keepdims", 1));
    String length =
        node(
            "Sqrt",
            List.of(
                node(
                    "Add",
                    List.of(
                        node("Mul", List.of(sum, constant(2f / DIRECTIONS))), constant(1e-8f)))));
    float least = (float) Math.cos(Math.PI / DIRECTIONS);
    String votes =
        node(
            "Relu",
            List.of(node("Sub", List.of(size, node("Mul", List.of(length, constant(least)))))));
    int field = side - 2;
    int cell = Math.max(1, Math.round((float) field / CELLS));
    int cells = field / cell;
    String histograms =
        node(
            "AveragePool",
            List.of(votes),
            Attribute.ints("kernel_shape", cell, cell),
            Attribute.ints("strides", cell, cell));
    List<String> parts = new ArrayList<>();
    String energy =
        node(
            "ReduceSum",
            List.of(node("Mul", List.of(histograms, histograms)), axes(1)),
            Attribute.integer("keepdims", 1));
    String block =
        node(
            "AveragePool",
            List.of(energy),
            Attribute.ints("kernel_shape", 2, 2),
            Attribute.ints("strides", 1, 1));
    String norm =
        node(
            "Sqrt",
            List.of(
                node(
                    "Add",
                    List.of(node("Mul", List.of(block, constant(4f))), constant(SMALL * SMALL)))));
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 2; x++) {
        String shifted =
            node(
                "Slice",
                List.of(histograms, longs(y, x), longs(y + cells - 1, x + cells - 1), longs(2, 3)));
        parts.add(flat(node("Div", List.of(shifted, norm))));
      }
    }
    int patch = Math.max(1, side / COLOURS);
    parts.add(
        flat(
            node(
                "AveragePool",
                List.of("input"),
                Attribute.ints("kernel_shape", patch, patch),
                Attribute.ints("strides", patch, patch))));
    int features = 4 * DIRECTIONS * (cells - 1) * (cells - 1);
    int patches = side / patch;
    features += 3 * patches * patches;
    graph.add(
        OnnxNode.of(
            "Concat", "features", parts, List.of("features"), Attribute.integer("axis", 1)));
    graph.addOutput(
        new ValueInfo(
            "features",
            ElementType.FLOAT,
            List.of(new Dimension.Symbolic("N"), new Dimension.Fixed(features))));
    return graph;
  }

  /** The kernels of central differences in nine directions, of the luma of unnormalised pixels. */
  private String derivatives(Normalization normalization) {
    float[] std = normalization.std();
    float[] weights = new float[DIRECTIONS * 3 * 9];
    for (int d = 0; d < DIRECTIONS; d++) {
      double angle = Math.PI * d / DIRECTIONS;
      for (int c = 0; c < 3; c++) {
        float luma = LUMA[c] * std[c];
        int at = (d * 3 + c) * 9;
        weights[at + 3] = (float) -Math.cos(angle) * luma;
        weights[at + 5] = (float) Math.cos(angle) * luma;
        weights[at + 1] = (float) -Math.sin(angle) * luma;
        weights[at + 7] = (float) Math.sin(angle) * luma;
      }
    }
    return graph.addConstant(TensorValue.floats("directions", weights, DIRECTIONS, 3, 3, 3));
  }

  private String flat(String value) {
    return node("Flatten", List.of(value), Attribute.integer("axis", 1));
  }

  private String axes(long axis) {
    return graph.addConstant(TensorValue.int64("axes", new long[] {axis}, 1));
  }

  private String longs(long... values) {
    return graph.addConstant(TensorValue.int64("places", values, values.length));
  }

  private String constant(float value) {
    return graph.addConstant(TensorValue.floats("constant", new float[] {value}, 1));
  }

  private String node(String type, List<String> inputs, Attribute... attributes) {
    String name = graph.freshName(type);
    graph.add(OnnxNode.of(type, name, inputs, List.of(name), attributes));
    return name;
  }
}
