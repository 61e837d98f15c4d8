package dev.lathe.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IntegerEmulatorTest {
  /** Rounding of ties and of the mean in the pool may differ by one step, nothing more. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void quantizedNetwork_computesTheSameWithIntegersAlone(long seed) {
    SingleInput data = MobileNetV2.noise(28, 16, 2);
    OnnxGraph quantized =
        Int8Quantization.quantize(Networks.mobile(seed), data, Int8Options.DEFAULT.withImages(16))
            .model();
    try (OrtModel deployed = OrtModel.open(quantized.toBytes(), OrtModel.Options.DEPLOYED)) {
      for (int image = 0; image < 4; image++) {
        float[] input = data.batch(image, image + 1);
        float[] expected = IntegerEmulator.run(quantized, input, 1, 3, 28, 28);
        float[] found = deployed.run(input, 1, 3, 28, 28);
        assertThat(Decibels.between(expected, found)).isGreaterThan(35);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void wrongWeight_isNoticed(long seed) {
    SingleInput data = MobileNetV2.noise(28, 16, 2);
    OnnxGraph quantized =
        Int8Quantization.quantize(Networks.mobile(seed), data, Int8Options.DEFAULT.withImages(16))
            .model();
    float[] input = data.batch(0, 1);
    float[] expected = IntegerEmulator.run(quantized, input, 1, 3, 28, 28);
    float[] other =
        IntegerEmulator.run(
            Int8Quantization.quantize(
                    Networks.mobile(seed + 10), data, Int8Options.DEFAULT.withImages(16))
                .model(),
            input,
            1,
            3,
            28,
            28);
    assertThat(Decibels.between(expected, other)).isLessThan(10);
  }
}
