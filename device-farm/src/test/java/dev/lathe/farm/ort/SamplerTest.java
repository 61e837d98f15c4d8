package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplerTest {
  @Test
  void stride_keepsEverySampleOfAQuickMeasurement() {
    assertThat(Sampler.stride(30, 7_000)).isEqualTo(1);
    assertThat(Sampler.stride(30, 500_000)).isEqualTo(1);
  }

  @Test
  void stride_thinsOutALongMeasurementOfASmallNetwork() {
    assertThat(Sampler.stride(60_000, 50_000)).isEqualTo(146);
    assertThat(Sampler.stride(60_000, 10_000_000)).isEqualTo(1);
  }
}
