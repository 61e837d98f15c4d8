package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.graph.OnnxExporter;
import dev.lathe.graph.Operator;
import dev.lathe.onnx.CostReport;
import org.junit.jupiter.api.Test;

class MobileNetV2Test {
  @Test
  void atFullSize_hasThePublishedCost() {
    MobileNetV2 network = new MobileNetV2(1.0, 3, 224, 1000);
    CostReport cost = CostReport.of(OnnxExporter.outline(network.network(), "x"), 1);
    // arXiv 1801.04381, table 4: 300 M multiply-adds, 3.4 M parameters
    assertThat(cost.macs()).isBetween(298_000_000L, 302_000_000L);
    assertThat(cost.parameters()).isBetween(3_400_000L, 3_550_000L);
    assertThat(
            network.network().nodes().stream()
                .filter(node -> node.operator() instanceof Operator.Conv2d))
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
        .network().nodes().stream()
            .filter(node -> node.operator() instanceof Operator.Conv2d)
            .count();
  }

  @Test
  void atSmallResolution_keepsAFeatureMap() {
    for (int side : new int[] {16, 28, 32, 64}) {
      var network = new MobileNetV2(0.25, 3, side, 10).network();
      assertThat(network.shapes().get("head").dimensions().get(1)).isBetween(3, 7);
    }
  }

  @Test
  void tensors_areCoveredWholeByTheNetwork() {
    MobileNetV2 network = new MobileNetV2(0.35, 3, 32, 10);
    var used =
        network.network().nodes().stream()
            .flatMap(node -> node.operator().weights().stream())
            .toList();
    long declared =
        network.tensors().values().stream()
            .mapToLong(
                shape -> shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b))
            .sum();
    assertThat(used.stream().mapToLong(w -> w.count()).sum()).isEqualTo(declared);
  }
}
