package dev.lathe.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentinelHistoryTest {
  @TempDir Path folder;

  @Test
  void best_isToldFromEnoughReadings_andASingleLuckyOneIsNone() {
    SentinelHistory history = SentinelHistory.inMemory();
    for (int i = 0; i < 4; i++) {
      history.add(1);
      assertThat(history.best()).isEmpty();
    }
    for (int i = 0; i < 15; i++) {
      history.add(1);
    }
    history.add(0.5);
    assertThat(history.best()).hasValue(1);
  }

  @Test
  void file_isReadAgain_andWhatIsNoNumberIsPassedOver() throws Exception {
    Path file = folder.resolve("deep/sentinel");
    SentinelHistory history = SentinelHistory.of(file);
    for (int i = 0; i < 300; i++) {
      history.add(2);
    }
    assertThat(Files.readAllLines(file)).hasSize(200);
    Files.writeString(file, Files.readString(file) + "garbage\n-1\n");
    assertThat(SentinelHistory.of(file).best()).hasValue(2);
  }
}
