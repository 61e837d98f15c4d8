package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PercentilesTest {
  @Test
  void percentiles_areNearestRanks() {
    double[] samples = new double[100];
    for (int i = 0; i < 100; i++) {
      samples[i] = 100 - i;
    }
    Percentiles percentiles = Percentiles.of(samples);
    assertThat(percentiles).isEqualTo(new Percentiles(50.5, 90, 95, 99, 25));
    assertThat(samples[0]).as("samples stay in order").isEqualTo(100);
  }

  @Test
  void oneSample_isEveryPercentile() {
    assertThat(Percentiles.of(3)).isEqualTo(new Percentiles(3, 3, 3, 3, 0));
  }

  @Test
  void outlier_movesTheTailAlone() {
    assertThat(Percentiles.of(1, 1, 1, 1, 1000)).isEqualTo(new Percentiles(1, 1000, 1000, 1000, 0));
  }

  @Test
  void noSamples_areRefused() {
    assertThatThrownBy(Percentiles::of).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void protocolOutOfRange_namesFieldAndRange() {
    assertThatThrownBy(() -> new MeasurementProtocol("p", 0, 10, 64, 30))
        .hasMessage("threads of a measurement protocol must be 1 to 256, not 0.");
    assertThatThrownBy(() -> MeasurementProtocol.named("slow", 1))
        .hasMessageContaining("Maybe 'quick' or 'full'");
  }
}
