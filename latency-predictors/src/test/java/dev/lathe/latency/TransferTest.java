package dev.lathe.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.latency.regression.Agreement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TransferTest {
  /** What a device takes for a kernel's start, a million multiply-accumulates, a million bytes. */
  private record Law(double start, double macs, double bytes) {
    double millis(List<Kernel> kernels) {
      double millis = start;
      for (Kernel kernel : kernels) {
        double rate = kernel.kind() == KernelKind.DEPTHWISE ? 4 : 1;
        millis += start + (rate * macs * kernel.macs() + bytes * kernel.bytes()) / 1e6;
      }
      return millis;
    }
  }

  private static final Law KNOWN = new Law(0.0008, 0.025, 0.02);

  /** Twice as quick at arithmetic, slower at starting. */
  private static final Law OTHER = new Law(0.0015, 0.012, 0.02);

  private static List<Sample> samples(Law law, int count, double noise, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Kernel> kernels = FusedKernels.of(TestNetworks.random(random, false, 28, true), 1);
      samples.add(
          new Sample(
              GraphFeatures.of(kernels),
              law.millis(kernels) * Math.exp(noise * random.nextGaussian())));
    }
    return samples;
  }

  private static Transfer known() {
    return new Transfer(
        List.of(
            new Transfer.Source(
                "desk",
                GraphLatencyPredictor.calibrate(samples(KNOWN, 60, 0.01, 1), 1).predictor())));
  }

  @Test
  void tenMeasurements_tellNetworksThatWereNotSeen() {
    Calibration calibration = known().calibrate(samples(OTHER, 10, 0.01, 2));
    List<Sample> fresh = samples(OTHER, 200, 0.01, 3);
    double[] predicted =
        fresh.stream()
            .mapToDouble(s -> calibration.predictor().predict(s.features()).millis())
            .toArray();
    Agreement agreement =
        Agreement.of(predicted, fresh.stream().mapToDouble(Sample::millis).toArray());
    assertThat(agreement.spearman()).isGreaterThan(0.98);
    assertThat(agreement.within10()).isGreaterThan(0.85);
    long inside =
        fresh.stream()
            .filter(s -> calibration.predictor().predict(s.features()).contains(s.millis()))
            .count();
    // ten errors: the share beyond the largest is 1/11 in the mean, and seldom above a quarter
    assertThat(inside).isGreaterThan(150);
    assertThat(calibration.report().samples()).isEqualTo(10);
    assertThat(calibration.report().kind()).contains("costs of 'desk'");
  }

  @Test
  void deviceThatOnlyTakesLonger_isToldByOneFactor() {
    Law slower = new Law(3 * KNOWN.start, 3 * KNOWN.macs, 3 * KNOWN.bytes);
    Calibration calibration = known().calibrate(samples(slower, 10, 0.01, 4));
    assertThat(calibration.report().mape()).isLessThan(0.04);
    assertThat(calibration.report().medianWidth()).isLessThan(0.15);
  }

  @Test
  void sourceThatSuits_isChosen() {
    Transfer.Source wrong =
        new Transfer.Source(
            "odd",
            GraphLatencyPredictor.calibrate(samples(new Law(0.02, 0.0001, 0.0001), 60, 0.01, 5), 1)
                .predictor());
    Transfer.Source right =
        new Transfer.Source(
            "like it", GraphLatencyPredictor.calibrate(samples(OTHER, 60, 0.01, 6), 1).predictor());
    Calibration calibration =
        new Transfer(List.of(wrong, right)).calibrate(samples(OTHER, 10, 0.01, 7));
    assertThat(calibration.report().kind()).contains("'like it'");
  }

  @Test
  void deviceOfAnotherKind_isRefusedOrHasAWideInterval() {
    List<Sample> samples = samples(KNOWN, 10, 0, 8);
    List<Sample> shuffled = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      shuffled.add(new Sample(samples.get(i).features(), samples.get((i + 3) % 10).millis()));
    }
    assertThat(known().fit(shuffled).report().medianWidth()).isGreaterThan(0.5);
    assertThatThrownBy(() -> known().calibrate(shuffled))
        .isInstanceOf(PredictorRefusedException.class);
    assertThatThrownBy(() -> known().fit(samples.subList(0, 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("7");
  }

  @Test
  void json_givesTheSamePredictor() {
    GraphLatencyPredictor predictor = known().calibrate(samples(OTHER, 10, 0.02, 9)).predictor();
    GraphLatencyPredictor read = GraphLatencyPredictor.fromJson(predictor.toJson());
    for (Sample sample : samples(OTHER, 5, 0, 10)) {
      assertThat(read.predict(sample.features())).isEqualTo(predictor.predict(sample.features()));
    }
  }
}
