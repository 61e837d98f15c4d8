package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.RunningBackendContract;
import dev.lathe.farm.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OrtBackendTest extends RunningBackendContract {
  /** Any drift goes: a machine that builds is not quiet. */
  private static final ProcessSettings SETTINGS =
      new ProcessSettings(Duration.ofSeconds(60), 2L << 30, 1e9, 0, 0);

  private static final MeasurementProtocol QUICK = MeasurementProtocol.quick(1);

  private static OrtBackend backend;

  @BeforeAll
  static void start() throws Exception {
    backend = OrtBackends.start(SETTINGS);
  }

  @AfterAll
  static void close() {
    backend.close();
  }

  @Override
  protected MeasurementBackend backend() {
    return backend;
  }

  @Test
  void environment_saysWhereAndHow() throws Exception {
    assertThat(backend.measure(models().getFirst(), QUICK).environment())
        .containsKeys("processor", "os", "java", "cores", "pinnedTo", "repeats", "stride");
    assertThat(backend.measure(models().getFirst(), QUICK).environment())
        .as("a quick measurement keeps every sample")
        .containsEntry("stride", "1");
    assertThat(backend.facts().runtime()).startsWith("onnxruntime 1.");
  }

  @Test
  void modelThatNeverEnds_timesOutAndItsNeighboursAreMeasured() throws Exception {
    List<Path> models =
        List.of(
            models().getFirst(),
            TestModels.file(folder, "endless.onnx", TestModels.endless()),
            models().getLast());
    List<Outcome> outcomes;
    try (OrtBackend hasty =
        OrtBackends.start(new ProcessSettings(Duration.ofSeconds(15), 2L << 30, 1e9, 0, 0))) {
      outcomes = hasty.measureTogether(models, QUICK);
    }
    assertThat(outcomes.get(0)).isInstanceOf(Outcome.Measured.class);
    assertThat(outcomes.get(1))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> {
              assertThat(failed.kind()).isEqualTo(FailureKind.TIMED_OUT);
              assertThat(failed.message()).contains("endless.onnx", "15 s", "Maybe");
            });
    assertThat(outcomes.get(2)).isInstanceOf(Outcome.Measured.class);
  }

  @Test
  void modelLargerThanTheMemoryLimit_isOutOfMemory() {
    Path huge = TestModels.file(folder, "huge.onnx", TestModels.huge());
    assertThatThrownBy(() -> backend.measure(huge, QUICK))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("huge.onnx")
        .extracting(e -> ((MeasurementFailed) e).kind())
        .isEqualTo(FailureKind.OUT_OF_MEMORY);
  }

  @Test
  void modelThatTakesText_isRefused() {
    Path textual = TestModels.file(folder, "textual.onnx", TestModels.textual());
    assertThatThrownBy(() -> backend.measure(textual, QUICK))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("'input' is of type STRING");
  }

  @Test
  void drift_isRejectedAfterTheRepeats() throws Exception {
    try (OrtBackend strict =
        OrtBackends.start(new ProcessSettings(Duration.ofSeconds(60), 2L << 30, 1e-12, 1, 0))) {
      // two equal readings of the sentinel, to the nanosecond, happen: no drift to reject
      Throwable rejected = null;
      for (int attempt = 0; attempt < 8 && rejected == null; attempt++) {
        rejected = catchThrowable(() -> strict.measure(models().getFirst(), QUICK));
      }
      assertThat(rejected)
          .isInstanceOf(MeasurementFailed.class)
          .hasMessageContaining("2 times more than")
          .extracting(e -> ((MeasurementFailed) e).kind())
          .isEqualTo(FailureKind.UNSTABLE);
    }
  }

  @Test
  void close_leavesNoProcessAndNoFiles() throws Exception {
    long before = scratches();
    try (OrtBackend other = OrtBackends.start(SETTINGS)) {
      other.measure(models().getFirst(), QUICK);
      assertThat(scratches()).isGreaterThan(before);
    }
    assertThat(scratches()).isEqualTo(before);
  }

  private static long scratches() throws Exception {
    long mine =
        ProcessHandle.current()
            .children()
            .filter(child -> child.info().commandLine().orElse("").contains("MeasurementChild"))
            .count();
    try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return mine
          + files
              .filter(file -> file.getFileName().toString().startsWith("lathe-sentinel-"))
              .count();
    }
  }
}
