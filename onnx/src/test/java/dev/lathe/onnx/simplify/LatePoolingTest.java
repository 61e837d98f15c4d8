package dev.lathe.onnx.simplify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatePoolingTest {
  private static final int SIDE = 7;

  @Test
  void poolingMovesBehindNormAndActivation_andTheResultStays() {
    OnnxGraph graph = graph(0.5f, 2);
    OnnxGraph moved = graph.copy();
    LatePooling.apply(moved);
    assertThat(kinds(moved)).containsExactly("Conv", "BatchNormalization", "Relu", "MaxPool");
    BatchNormFolding.apply(moved);
    assertThat(kinds(moved)).containsExactly("Conv", "Relu", "MaxPool");
    float[] before = run(graph);
    float[] after = run(moved);
    assertThat(after).hasSameSizeAs(before);
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isCloseTo(before[i], within(1e-5f));
    }
  }

  @Test
  void normThatTurnsAChannelAround_staysWhereItIs() {
    OnnxGraph graph = graph(0.5f, -2);
    LatePooling.apply(graph);
    assertThat(kinds(graph)).containsExactly("Conv", "MaxPool", "BatchNormalization", "Relu");
  }

  @Test
  void poolingThatIsReadTwice_staysWhereItIs() {
    OnnxGraph graph = graph(0.5f, 2);
    graph.add(OnnxNode.of("Neg", "other", List.of("p"), List.of("q")));
    graph.addOutput(new ValueInfo("q", ElementType.FLOAT, List.of()));
    LatePooling.apply(graph);
    assertThat(kinds(graph))
        .containsExactly("Conv", "MaxPool", "BatchNormalization", "Relu", "Neg");
  }

  /** A convolution, pooling whose last squares are cut off, a norm of two scales, and Relu. */
  private static OnnxGraph graph(float... scales) {
    OnnxGraph graph = OnnxGraph.create("pooled", 17);
    graph.addInput(
        new ValueInfo(
            "x",
            ElementType.FLOAT,
            List.of(Dimension.of("N"), Dimension.of(1), Dimension.of(SIDE), Dimension.of(SIDE))));
    graph.addInitializer(TensorValue.floats("w", gaussian(2 * 9, 1), 2, 1, 3, 3));
    graph.addInitializer(TensorValue.floats("scale", scales, 2));
    graph.addInitializer(TensorValue.floats("shift", gaussian(2, 2), 2));
    graph.addInitializer(TensorValue.floats("mean", gaussian(2, 3), 2));
    graph.addInitializer(TensorValue.floats("variance", new float[] {1.5f, 0.3f}, 2));
    graph.add(
        OnnxNode.of(
            "Conv", "conv", List.of("x", "w"), List.of("c"), Attribute.ints("pads", 1, 1, 1, 1)));
    graph.add(
        OnnxNode.of(
            "MaxPool",
            "pool",
            List.of("c"),
            List.of("p"),
            Attribute.ints("kernel_shape", 2, 2),
            Attribute.ints("strides", 2, 2),
            Attribute.ints("pads", 0, 0, 1, 1)));
    graph.add(
        OnnxNode.of(
            "BatchNormalization",
            "norm",
            List.of("p", "scale", "shift", "mean", "variance"),
            List.of("n")));
    graph.add(OnnxNode.of("Relu", "relu", List.of("n"), List.of("y")));
    graph.addOutput(
        new ValueInfo(
            "y",
            ElementType.FLOAT,
            List.of(Dimension.of("N"), Dimension.of(2), Dimension.of(4), Dimension.of(4))));
    return graph;
  }

  private static List<String> kinds(OnnxGraph graph) {
    return graph.nodes().stream().map(OnnxNode::opType).toList();
  }

  private static float[] run(OnnxGraph graph) {
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.LITERAL)) {
      return model.run(gaussian(2 * SIDE * SIDE, 4), 2, 1, SIDE, SIDE);
    }
  }

  private static float[] gaussian(int size, long seed) {
    Random random = new Random(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
