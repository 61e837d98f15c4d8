package dev.lathe.farm.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The back end lives through every death of its child: 25 of each kind with all tests on. */
class ChildDeathTest {
  private static final int TIMES = Boolean.getBoolean("lathe.test.all") ? 25 : 1;
  private static final MeasurementProtocol QUICK = MeasurementProtocol.quick(1);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "harm-segv, CRASHED, SIGSEGV",
    "harm-kill, CRASHED, signal 9",
    "harm-memory, OUT_OF_MEMORY, out of its memory",
    "harm-hang, TIMED_OUT, no sign for",
    "harm-exit, NO_RESULT, code 0 without a result"
  })
  void death_isReportedAndTheNextModelMeasured(String harm, FailureKind kind, String says)
      throws Exception {
    Path good = TestModels.file(folder, "good.onnx", TestModels.mobile(8, 1, 16));
    Path bad = TestModels.file(folder, harm + ".onnx", TestModels.mobile(8, 1, 16));
    CpuBackend.Settings settings =
        new CpuBackend.Settings(
            Duration.ofSeconds(harm.equals("harm-hang") ? 10 : 60), 2L << 30, 1e9, 0);
    try (CpuBackend backend = CpuBackend.start(settings, FaultyChild.class)) {
      for (int i = 0; i < TIMES; i++) {
        assertThatThrownBy(() -> backend.measure(bad, QUICK))
            .isInstanceOf(MeasurementFailed.class)
            .hasMessageContaining(harm + ".onnx")
            .hasMessageContaining(says)
            .extracting(e -> ((MeasurementFailed) e).kind())
            .isEqualTo(kind);
        assertThat(backend.measure(good, QUICK).p50()).isPositive();
      }
    }
  }
}
