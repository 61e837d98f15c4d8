package dev.lathe.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class GraphFeaturesTest {
  @Test
  void kernels_haveTheMacsOfTheCostModel() {
    for (int seed = 0; seed < 5; seed++) {
      OnnxGraph graph = TestNetworks.random(new SplittableRandom(seed), false, 24, true);
      long macs = FusedKernels.of(graph, 2).stream().mapToLong(Kernel::macs).sum();
      CostReport cost = CostReport.of(graph, 2);
      long products =
          cost.nodes().stream()
              .filter(n -> n.opType().equals("Conv") || n.opType().equals("Gemm"))
              .mapToLong(n -> n.macs())
              .sum();
      assertThat(macs).isEqualTo(products);
    }
  }

  @Test
  void convolution_ofShapesWithoutData_isCounted() {
    OnnxGraph graph = convolution(Dimension.of("N"), Dimension.of(8));
    FeatureVector features = GraphFeatures.of(graph, 3);
    assertThat(features.get("float.pointwise.count")).isEqualTo(1);
    assertThat(features.get("float.pointwise.elements")).isEqualTo(3 * 24 * 8 * 8);
    assertThat(features.get("float.pointwise.weights")).isEqualTo(24 * 16);
    // 24 output channels fill two blocks of 16
    assertThat(features.get("float.pointwise.macs")).isCloseTo(3 * 32 * 16 * 64, within(1e-6));
    assertThat(features.get("int8.pointwise.macs")).isZero();
  }

  @Test
  void openHeight_isRefusedByName() {
    OnnxGraph graph = convolution(Dimension.of("N"), Dimension.of("height"));
    assertThatThrownBy(() -> GraphFeatures.of(graph, 1))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("input")
        .hasMessageContaining("height");
  }

  private static OnnxGraph convolution(Dimension batch, Dimension height) {
    OnnxGraph graph = OnnxGraph.create("one", 17);
    graph.addInput(
        new ValueInfo(
            "x", ElementType.FLOAT, List.of(batch, Dimension.of(16), height, Dimension.of(8))));
    graph.addInitializer(TensorValue.shapeOnly("w", ElementType.FLOAT, 24, 16, 1, 1));
    graph.add(
        OnnxNode.of(
            "Conv", "c", List.of("x", "w"), List.of("y"), Attribute.ints("kernel_shape", 1, 1)));
    graph.addOutput(
        new ValueInfo(
            "y", ElementType.FLOAT, List.of(batch, Dimension.of(24), height, Dimension.of(8))));
    return graph;
  }
}
