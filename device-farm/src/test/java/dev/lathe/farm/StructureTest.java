package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StructureTest {
  private static OnnxGraph conv(String prefix, long seed, int outputs, int stride, float bias) {
    OnnxGraph graph = OnnxGraph.create(prefix, 17);
    graph.addInput(value(prefix + "x", 1, 3, 8, 8));
    float[] weights = new float[outputs * 3 * 9];
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    graph.addInitializer(TensorValue.floats(prefix + "w", weights, outputs, 3, 3, 3));
    graph.addInitializer(TensorValue.floats(prefix + "b", new float[] {bias}));
    graph.add(
        OnnxNode.of(
            "Conv",
            prefix + "c",
            List.of(prefix + "x", prefix + "w"),
            List.of(prefix + "y"),
            Attribute.ints("kernel_shape", 3, 3),
            Attribute.ints("strides", stride, stride)));
    graph.add(
        OnnxNode.of(
            "Add", prefix + "a", List.of(prefix + "y", prefix + "b"), List.of(prefix + "z")));
    int side = (8 - 3) / stride + 1;
    graph.addOutput(value(prefix + "z", 1, outputs, side, side));
    return graph;
  }

  private static ValueInfo value(String name, long... dims) {
    return new ValueInfo(
        name, ElementType.FLOAT, Arrays.stream(dims).mapToObj(Dimension::of).toList());
  }

  @Test
  void weightsAndNames_doNotMatter() {
    assertThat(Structure.sha256(conv("a", 1, 8, 1, 0)))
        .matches("[0-9a-f]{64}")
        .isEqualTo(Structure.sha256(conv("b", 2, 8, 1, 0)));
  }

  @Test
  void shapesAttributesAndSmallConstants_matter() {
    String one = Structure.sha256(conv("a", 1, 8, 1, 0));
    assertThat(Structure.sha256(conv("a", 1, 9, 1, 0))).isNotEqualTo(one);
    assertThat(Structure.sha256(conv("a", 1, 8, 2, 0))).isNotEqualTo(one);
    assertThat(Structure.sha256(conv("a", 1, 8, 1, 3))).isNotEqualTo(one);
  }

  @Test
  void connections_matter() {
    OnnxGraph straight = conv("a", 1, 8, 1, 0);
    OnnxGraph doubled = straight.copy();
    OnnxNode add = doubled.nodes().getLast();
    doubled.replace(add, List.of(add.withInput(1, "ay")));
    assertThat(Structure.sha256(doubled)).isNotEqualTo(Structure.sha256(straight));
  }
}
