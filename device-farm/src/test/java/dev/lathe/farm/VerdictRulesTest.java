package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.farm.Verdict.Level;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VerdictRulesTest {
  private static final Circumstances QUIET =
      new Circumstances(0.002, 0.0, 3000.0, 3000.0, 50.0, "performance");

  private static double[] samples(double spread) {
    Random random = new Random(1);
    double[] samples = new double[64];
    Arrays.setAll(samples, i -> 2 * (1 + spread * random.nextGaussian()));
    return samples;
  }

  private static Verdict judge(double[] samples, double before, double after, Circumstances seen) {
    return VerdictRules.judge(samples, before, after, OptionalDouble.empty(), seen);
  }

  @Test
  void nothingDisturbed_isStableAndSaysByWhatFigures() {
    Verdict verdict = judge(samples(0.01), 1, 1.01, QUIET);
    assertThat(verdict.level()).isEqualTo(Level.STABLE);
    assertThat(verdict.reason()).contains("sentinel within 1.0 %", "other work 0.2 %");
  }

  @Test
  void otherWork_isNoisy() {
    Verdict verdict =
        judge(samples(0.01), 1, 1, new Circumstances(0.2, 0.0, null, null, null, null));
    assertThat(verdict.level()).isEqualTo(Level.NOISY);
    assertThat(verdict.reason()).contains("20.0 %");
    assertThat(
            judge(samples(0.01), 1, 1, new Circumstances(0.0, 0.2, null, null, null, null)).level())
        .as("what the machine below takes")
        .isEqualTo(Level.NOISY);
  }

  @Test
  void sentinelThatDrifted_isNoisy_andThrottledWhereTheClockFell() {
    assertThat(judge(samples(0.01), 1, 1.2, QUIET).level()).isEqualTo(Level.NOISY);
    Verdict fell =
        judge(samples(0.01), 1, 1.2, new Circumstances(0.0, 0.0, 2000.0, 3000.0, 95.0, null));
    assertThat(fell.level()).isEqualTo(Level.THROTTLED);
    assertThat(fell.reason()).contains("from 3000 to 2000 MHz");
  }

  @Test
  void halvesThatDisagree_areNoisy() {
    double[] samples = samples(0.001);
    for (int i = samples.length / 2; i < samples.length; i++) {
      samples[i] *= 1.2;
    }
    Verdict verdict = judge(samples, 1, 1, QUIET);
    assertThat(verdict.level()).isEqualTo(Level.NOISY);
    assertThat(verdict.reason()).contains("second half", "+20");
  }

  @Test
  void samplesThatSpread_areNoisy() {
    assertThat(judge(samples(0.2), 1, 1, QUIET).level()).isEqualTo(Level.NOISY);
  }

  @Test
  void deviceSlowerThanAtItsBest_isThrottled() {
    Verdict verdict = VerdictRules.judge(samples(0.01), 1.3, 1.31, OptionalDouble.of(1), QUIET);
    assertThat(verdict.level()).isEqualTo(Level.THROTTLED);
    assertThat(verdict.reason()).contains("30.0 % longer");
  }

  @Test
  void deviceWithoutASentinel_isUnknown() {
    assertThat(judge(samples(0.01), 0, 0, Circumstances.UNTOLD).level()).isEqualTo(Level.UNKNOWN);
  }
}
