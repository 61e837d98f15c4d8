package dev.lathe.latency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class MeasurementSeriesTest {
  private static final int NETWORKS = 60;
  private static final double SENTINEL = 0.05;

  private final List<FeatureVector> features = new ArrayList<>();
  private final double[] truth = new double[NETWORKS];
  private final RandomGenerator noise = new SplittableRandom(4);

  MeasurementSeriesTest() {
    RandomGenerator random = new SplittableRandom(3);
    for (int i = 0; i < NETWORKS; i++) {
      List<Kernel> kernels = FusedKernels.of(TestNetworks.random(random, false, 28, false), 1);
      features.add(GraphFeatures.of(kernels));
      truth[i] = 0.004 + kernels.stream().mapToDouble(k -> 0.0008 + k.macs() / 40e6).sum();
    }
  }

  /** A device that takes {@code slow} times as long; the sentinel feels it likewise. */
  private Reading reading(int network, double slow) {
    return new Reading(
        truth[network] * slow * (1 + 0.005 * noise.nextGaussian()),
        SENTINEL * slow * (1 + 0.01 * noise.nextGaussian()),
        SENTINEL * slow * (1 + 0.01 * noise.nextGaussian()));
  }

  /** The device gets steadily faster by 15 %; network 25 is disturbed at its first reading. */
  private MeasurementSeries drifting() {
    MeasurementSeries series = new MeasurementSeries(features);
    for (int i = 0; i < NETWORKS; i++) {
      double slow = 1.15 - 0.1 * i / NETWORKS;
      Reading reading = reading(i, slow);
      series.add(
          i,
          i == 25
              ? new Reading(
                  2 * reading.millis(),
                  reading.sentinelBeforeMillis(),
                  reading.sentinelAfterMillis())
              : reading);
    }
    return series;
  }

  @Test
  void disturbedNetwork_isReadAgain() {
    MeasurementSeries series = drifting();
    List<Integer> again = series.again(1);
    assertThat(again).contains(0, 10, 50, 25).doesNotHaveDuplicates();
    assertThat(again.size()).isLessThanOrEqualTo(12);
    assertThat(series.again(1)).isEqualTo(again);
  }

  @Test
  void driftOfTheDevice_isTakenOut() {
    MeasurementSeries series = drifting();
    List<Integer> again = series.again(1);
    for (int repeat = 0; repeat < 2; repeat++) {
      again.forEach(network -> series.add(network, reading(network, 1.0)));
    }
    assertThat(series.speed().exponent()).isEqualTo(1);
    assertThat(series.speed().drift()).isBetween(0.1, 0.2);
    assertThat(series.repeatability().orElseThrow().within10()).isEqualTo(1);
    assertThat(series.repeatability().orElseThrow().medianDifference()).isLessThan(0.02);
    double factor = series.speed().referenceMillis() / SENTINEL;
    List<Sample> samples = series.samples();
    assertThat(samples).hasSize(NETWORKS);
    for (int i = 0; i < NETWORKS; i++) {
      assertThat(samples.get(i).millis() / truth[i] / factor).isBetween(0.96, 1.04);
    }
  }

  @Test
  void driftThatOnlyTheSentinelHas_isLeftAlone() {
    MeasurementSeries series = new MeasurementSeries(features);
    for (int turn = 0; turn < 2; turn++) {
      for (int i = 0; i < NETWORKS; i++) {
        Reading steady = reading(i, 1);
        double slow = turn == 0 ? 1.3 : 1;
        series.add(
            i,
            new Reading(
                steady.millis(),
                steady.sentinelBeforeMillis() * slow,
                steady.sentinelAfterMillis() * slow));
      }
    }
    assertThat(series.speed().exponent()).isZero();
  }

  @Test
  void reading_mustBePositive() {
    assertThatThrownBy(() -> new Reading(1, 0, 1)).hasMessageContaining("0.0 ms");
    assertThatThrownBy(() -> drifting().add(60, new Reading(1, 1, 1))).hasMessageContaining("60");
  }
}
