package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.CostReport;
import org.junit.jupiter.api.Test;

class ResNetTest {
  @Test
  void resNet8_hasThePublishedCost() {
    CostReport cost = CostReport.of(new ResNet(16, 1, 3, 32, 10).subnet().outline(), 1);
    // MLPerf Tiny: 78 666 parameters with batch norms, 12.5 M multiply-adds
    assertThat(cost.parameters()).isBetween(77_000L, 79_000L);
    assertThat(cost.macs()).isBetween(12_300_000L, 12_700_000L);
  }

  @Test
  void resNet20_hasThePublishedCost() {
    ResNet network = new ResNet(16, 3, 3, 32, 10);
    CostReport cost = CostReport.of(network.subnet().outline(), 1);
    // He et al., table 6: 0.27 M parameters; projections add 2 560 weights
    assertThat(cost.parameters()).isBetween(268_000L, 275_000L);
    assertThat(network.name()).isEqualTo("resnet20-w16");
  }

  @Test
  void tensors_areCoveredWholeByTheNetwork() {
    ResNet network = new ResNet(8, 2, 1, 28, 10);
    long used = network.subnet().slices().stream().mapToLong(slice -> slice.count()).sum();
    long declared = network.specs().values().stream().mapToLong(spec -> spec.count()).sum();
    assertThat(used).isEqualTo(declared);
  }
}
