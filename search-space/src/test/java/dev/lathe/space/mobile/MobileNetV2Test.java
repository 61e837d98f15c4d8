package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.ShapeInference;
import org.junit.jupiter.api.Test;

class MobileNetV2Test {
  @Test
  void atFullSize_hasThePublishedCost() {
    MobileNetV2 network = new MobileNetV2(1.0, 3, 224, 1000);
    CostReport cost = CostReport.of(network.subnet().outline(), 1);
    // arXiv 1801.04381, table 4: 300 M multiply-adds, 3.4 M parameters
    assertThat(cost.macs()).isBetween(298_000_000L, 302_000_000L);
    assertThat(cost.parameters()).isBetween(3_400_000L, 3_550_000L);
    assertThat(network.subnet().graph().nodes().stream().filter(node -> node.is("Conv")))
        .hasSize(52);
  }

  @Test
  void atSmallResolution_isCutWhereTheResolutionEnds() {
    assertThat(convolutions(32)).isEqualTo(convolutions(28)).isEqualTo(1 + 2 + 5 * 3 + 1);
    assertThat(convolutions(64)).isEqualTo(1 + 2 + 16 * 3 + 1 - 4 * 3);
    assertThat(convolutions(65)).isEqualTo(52);
  }

  private static long convolutions(int side) {
    return new MobileNetV2(1.0, 3, side, 10)
        .subnet().graph().nodes().stream().filter(node -> node.is("Conv")).count();
  }

  @Test
  void atSmallResolution_keepsAFeatureMap() {
    for (int side : new int[] {16, 28, 32, 64}) {
      var graph = new MobileNetV2(0.25, 3, side, 10).subnet().graph();
      assertThat(ShapeInference.infer(graph, 1).get("head").dim(2)).isBetween(3L, 7L);
    }
  }

  @Test
  void tensors_areCoveredWholeByTheNetwork() {
    MobileNetV2 network = new MobileNetV2(0.35, 3, 32, 10);
    long used = network.subnet().slices().stream().mapToLong(slice -> slice.count()).sum();
    long declared = network.specs().values().stream().mapToLong(spec -> spec.count()).sum();
    assertThat(used).isEqualTo(declared);
  }
}
