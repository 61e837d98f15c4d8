package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.TestModels;
import dev.lathe.onnx.trial.Hidden;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The back end lives through every death of its child. */
class ChildDeathTest {
  private static final int OFTEN = 25;
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
    die(harm, kind, says, 1);
  }

  @Test
  void modelThatTheChildDoesNotSee_isMeasured() throws Exception {
    Path model = TestModels.file(folder, "hidden.onnx", TestModels.mobile(8, 1, 16));
    System.setProperty(Hidden.SETTING, folder.toString());
    try (OrtBackend backend =
        OrtBackends.start(
            new ProcessSettings(Duration.ofSeconds(60), 2L << 30, 1e9, 0, 0),
            MeasurementChild.class)) {
      assertThat(backend.measure(model, QUICK).p50()).isPositive();
      assertThat(backend.measure(model, QUICK).p50()).isPositive();
    } finally {
      System.clearProperty(Hidden.SETTING);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "harm-segv, CRASHED, SIGSEGV",
    "harm-kill, CRASHED, signal 9",
    "harm-memory, OUT_OF_MEMORY, out of its memory",
    "harm-hang, TIMED_OUT, no sign for",
    "harm-exit, NO_RESULT, code 0 without a result"
  })
  void manyDeaths_areReportedAndTheNextModelMeasured(String harm, FailureKind kind, String says)
      throws Exception {
    die(harm, kind, says, OFTEN);
  }

  private void die(String harm, FailureKind kind, String says, int times) throws Exception {
    Path good = TestModels.file(folder, "good.onnx", TestModels.mobile(8, 1, 16));
    Path bad = TestModels.file(folder, harm + ".onnx", TestModels.mobile(8, 1, 16));
    ProcessSettings settings =
        new ProcessSettings(
            Duration.ofSeconds(harm.equals("harm-hang") ? 10 : 60), 2L << 30, 1e9, 0, 0);
    try (OrtBackend backend = OrtBackends.start(settings, FaultyChild.class)) {
      for (int i = 0; i < times; i++) {
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
