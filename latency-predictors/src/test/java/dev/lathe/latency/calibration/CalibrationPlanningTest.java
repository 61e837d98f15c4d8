package dev.lathe.latency.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.Sample;
import dev.lathe.latency.calibration.LearningCurve.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CalibrationPlanningTest {
  private static FeatureVector network(double... work) {
    return FeatureVector.of(
        Map.of("network.count", 1.0, "a.macs", work[0], "b.macs", work[1], "c.count", work[2]));
  }

  private static FeatureVector drawn(RandomGenerator random) {
    return network(
        Math.exp(4 * random.nextDouble()),
        Math.exp(4 * random.nextDouble()),
        1 + random.nextInt(20));
  }

  private static double millis(FeatureVector network) {
    return 0.5
        + 0.1 * network.get("a.macs")
        + 0.03 * network.get("b.macs")
        + 0.05 * network.get("c.count");
  }

  @Test
  void powerLaw_tellsWhatHalfTheErrorCosts() {
    LearningCurve curve =
        new LearningCurve(List.of(new Point(20, 0.1), new Point(40, 0.05), new Point(80, 0.025)));
    assertThat(curve.exponent()).isCloseTo(1, within(1e-9));
    assertThat(curve.moreToHalve(80)).hasValue(80);
    LearningCurve slower = new LearningCurve(List.of(new Point(25, 0.1), new Point(100, 0.05)));
    assertThat(slower.exponent()).isCloseTo(0.5, within(1e-9));
    assertThat(slower.moreToHalve(100)).hasValue(300);
  }

  @Test
  void flatOrRisingCurve_promisesNothing() {
    assertThat(
            new LearningCurve(List.of(new Point(20, 0.05), new Point(60, 0.049))).moreToHalve(60))
        .isEmpty();
    LearningCurve rising = new LearningCurve(List.of(new Point(20, 0.05), new Point(60, 0.06)));
    assertThat(rising.exponent()).isZero();
    assertThat(rising.moreToHalve(60)).isEmpty();
    assertThatThrownBy(() -> new LearningCurve(List.of())).hasMessageContaining("one point");
  }

  @Test
  void curveOfSamples_hasThreePoints_andFewSamplesAreRefused() {
    SplittableRandom random = new SplittableRandom(3);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      FeatureVector network = drawn(random);
      samples.add(new Sample(network, millis(network) * (1 + 0.02 * random.nextGaussian())));
    }
    LearningCurve curve = LearningCurve.of(samples, 1);
    assertThat(curve.points()).extracting(Point::networks).containsExactly(20, 28, 36);
    assertThat(curve.points()).allSatisfy(p -> assertThat(p.error()).isBetween(0.0, 0.2));
    assertThat(LearningCurve.of(samples, 1)).isEqualTo(curve);
    assertThatThrownBy(() -> LearningCurve.of(samples.subList(0, 12), 1))
        .hasMessageContaining("12 networks");
  }

  @Test
  void firstNetworks_reachTheEndsOfEveryQuantity() {
    SplittableRandom random = new SplittableRandom(5);
    List<FeatureVector> offered = IntStream.range(0, 300).mapToObj(i -> drawn(random)).toList();
    List<Integer> chosen = NextNetworks.choose(List.of(), offered, 20, 1);
    assertThat(chosen).doesNotHaveDuplicates().hasSize(20);
    for (String name : List.of("a.macs", "b.macs")) {
      double[] logs =
          chosen.stream().mapToDouble(i -> Math.log(offered.get(i).get(name))).toArray();
      assertThat(Arrays.stream(logs).min().orElseThrow()).isLessThan(0.4);
      assertThat(Arrays.stream(logs).max().orElseThrow()).isGreaterThan(3.6);
    }
  }

  @Test
  void laterNetworks_areNotThoseThatAreKnown() {
    SplittableRandom random = new SplittableRandom(7);
    List<Sample> measured = new ArrayList<>();
    // every network so far has the same "b": what b costs is unknown
    for (int i = 0; i < GraphLatencyPredictor.LEAST_SAMPLES; i++) {
      FeatureVector network = network(Math.exp(4 * random.nextDouble()), 7, 1 + random.nextInt(20));
      measured.add(new Sample(network, millis(network)));
    }
    List<FeatureVector> offered = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      offered.add(network(Math.exp(4 * random.nextDouble()), 7, 1 + random.nextInt(20)));
    }
    offered.add(network(7, 54, 10));
    offered.add(network(7, 1, 10));
    List<Integer> chosen = NextNetworks.choose(measured, offered, 2, 1);
    assertThat(chosen).containsExactlyInAnyOrder(50, 51);
    assertThat(NextNetworks.choose(measured, offered, 99, 1)).hasSize(52);
  }
}
