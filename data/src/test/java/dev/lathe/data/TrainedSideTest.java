package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainedSideTest {
  @ParameterizedTest
  @CsvSource({
    "200, 180, 64", // three minutes
    "1000, 1800, 160", // half an hour
    "1000, 7200, 224",
    "20000, 1800, 64",
    "20000, 36000, 160",
    "100000, 1800, 64",
  })
  void largePictures_areTrainedAsLargeAsThereIsTime(int pictures, double seconds, int side) {
    assertThat(TrainedSide.of(3000, pictures, seconds)).isEqualTo(side);
  }

  @Test
  void pictures_areNeverEnlarged() {
    for (int side : new int[] {8, 32, 63, 64, 65, 95, 96, 150, 200, 224, 500}) {
      assertThat(TrainedSide.of(side, 100, 1e6)).isBetween(8, side);
    }
    assertThat(TrainedSide.of(150, 100, 1e6)).isEqualTo(128);
    assertThat(TrainedSide.of(48, 100_000, 60)).isEqualTo(48);
    assertThat(TrainedSide.of(500, 100, 0)).isEqualTo(64);
  }
}
