package dev.lathe.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.latency.Roofline.Bound;
import dev.lathe.latency.Roofline.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final Roofline DEVICE = new Roofline(30e6, 8e6, 0.0008, 0);

  private static List<List<Kernel>> networks(int count) {
    var random = new SplittableRandom(3);
    List<List<Kernel>> networks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      networks.add(
          FusedKernels.of(
              TestNetworks.random(random, false, 16 + 8 * random.nextInt(6), i % 2 == 0), 1));
    }
    return networks;
  }

  @Test
  void fit_findsTheNumbersOfTheDevice() {
    List<Measured> samples =
        networks(24).stream().map(k -> new Measured(k, DEVICE.predict(k).millis())).toList();
    Roofline fitted = Roofline.fit(samples.subList(0, 12));
    assertThat(fitted.macsPerMilli() / DEVICE.macsPerMilli()).isCloseTo(1, within(0.05));
    assertThat(fitted.bytesPerMilli() / DEVICE.bytesPerMilli()).isCloseTo(1, within(0.05));
    for (Measured fresh : samples.subList(12, 24)) {
      assertThat(fitted.predict(fresh.kernels()).millis() / fresh.millis())
          .isCloseTo(1, within(0.01));
    }
  }

  @Test
  void layers_sumToTheNetwork_andDepthwiseIsUnderWater() {
    List<Kernel> kernels = networks(1).getFirst();
    List<Roofline.Layer> layers = DEVICE.layers(kernels);
    assertThat(layers.stream().mapToDouble(Roofline.Layer::millis).sum())
        .isCloseTo(DEVICE.predict(kernels).millis(), within(1e-12));
    assertThat(layers.stream().mapToDouble(Roofline.Layer::share).sum())
        .isCloseTo(1, within(1e-12));
    assertThat(layers)
        .filteredOn(l -> l.kernel().kind() == KernelKind.DEPTHWISE && l.kernel().window() == 9)
        .isNotEmpty()
        .allMatch(l -> l.intensity() < DEVICE.balance() && l.bound() != Bound.COMPUTE);
    assertThat(DEVICE.efficiency(kernels)).isBetween(0.0, 1.0);
  }

  @Test
  void probes_determineADevice() {
    List<Measured> samples =
        RooflineProbes.graphs().stream()
            .map(g -> FusedKernels.of(g, 1))
            .map(k -> new Measured(k, DEVICE.predict(k).millis()))
            .toList();
    Roofline fitted = Roofline.fit(samples);
    assertThat(fitted.macsPerMilli() / DEVICE.macsPerMilli()).isCloseTo(1, within(0.05));
    assertThat(fitted.bytesPerMilli() / DEVICE.bytesPerMilli()).isCloseTo(1, within(0.05));
    assertThat(fitted.startMillis() / DEVICE.startMillis()).isCloseTo(1, within(0.05));
  }

  @Test
  void report_hasBarsThatCoverAllComputing() {
    List<Kernel> kernels = networks(1).getFirst();
    RooflineReport report = RooflineReport.of(DEVICE, kernels);
    assertThat(report.layers()).hasSameSizeAs(kernels);
    double from = 0;
    for (RooflineReport.Layer layer : report.layers()) {
      assertThat(layer.computeFrom()).isEqualTo(from);
      from = layer.computeTo();
      assertThat(layer.underWater()).isEqualTo(layer.intensity() < report.balance());
    }
    assertThat(from).isCloseTo(1, within(1e-12));
    assertThat(report.idealMillis())
        .isCloseTo(
            kernels.stream().mapToDouble(Kernel::macs).sum() / DEVICE.macsPerMilli(),
            within(1e-12));
    assertThat(report.efficiencyGap() * report.efficiency()).isCloseTo(1, within(1e-12));
  }

  @Test
  void threeNetworks_areTooFew() {
    List<Measured> few = networks(3).stream().map(k -> new Measured(k, 1)).toList();
    assertThatThrownBy(() -> Roofline.fit(few))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3");
  }
}
