package dev.lathe.runs.isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.Tables;
import dev.lathe.runs.stages.MemoryStore;
import dev.lathe.runs.stages.StagedSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Compressions in a process of their own come out the same, or say why they did not. */
class IsolatedRunnerTest {
  private static final ModelLimits LIMITS =
      new ModelLimits(3L << 30, Duration.ofSeconds(20), Duration.ofSeconds(60));
  private static final ModelReader READER = new ModelReader(LIMITS, Optional.empty());
  private static final StagedSearch HERE = new StagedSearch(InstantSource.system(), Tables.none());
  private static final IsolatedRunner RUNNER =
      new IsolatedRunner(HERE, READER, LIMITS, Optional.empty());

  @AfterAll
  static void close() {
    READER.close();
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(
            ProcessHandle.current()
                .descendants()
                .map(IsolatedRunnerTest::commandLine)
                .filter(line -> line.contains("ModelWork") || line.contains("TrialChild")))
        .isEmpty();
  }

  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  private static CompressionRequest request(OnnxGraph model) {
    return new CompressionRequest(model.toBytes(), "int8-portable", "noise:4", 1, false);
  }

  private static final class NoDevice implements Measurements {
    @Override
    public List<DeviceRecord> devices() {
      throw new AssertionError("nothing is to be measured");
    }

    @Override
    public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
      throw new AssertionError("nothing is to be measured");
    }
  }

  private static MemoryStore compress(OnnxGraph model, RunControl control) {
    MemoryStore store = new MemoryStore();
    RUNNER.compress(request(model), store, new NoDevice(), control);
    return store;
  }

  @Test
  void compression_makesTheSameFiles() {
    MemoryStore apart = compress(HostileModels.sound(), () -> {});
    MemoryStore here = new MemoryStore();
    HERE.compress(request(HostileModels.sound()), here, new NoDevice(), () -> {});
    assertThat(apart.artifacts())
        .extracting(StoredArtifact::sha256)
        .isEqualTo(here.artifacts().stream().map(StoredArtifact::sha256).toList())
        .hasSizeGreaterThan(1);
    assertThat(withoutTimes(apart.report())).isEqualTo(withoutTimes(here.report()));
  }

  private static String withoutTimes(String report) {
    assertThat(report).contains("outputDecibels");
    return report
        .replaceAll("\"(seconds|latencyMillis|residentMegabytes)\":[^,}]*", "")
        .replaceAll("\"notes\":\\[[^]]*]", "");
  }

  @Test
  void endlessModel_isEndedWithItsReason() {
    IsolatedRunner hasty =
        new IsolatedRunner(
            HERE,
            READER,
            new ModelLimits(3L << 30, Duration.ofSeconds(4), Duration.ofSeconds(60)),
            Optional.empty());
    assertThatThrownBy(
            () ->
                hasty.compress(
                    request(HostileModels.endless()), new MemoryStore(), new NoDevice(), () -> {}))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("did not finish within 4 s");
  }

  @Test
  void modelThatIsEndlessOnDataAlone_isKilledByCancel() {
    MemoryStore store = new MemoryStore();
    RunControl control =
        new RunControl() {
          private long passedTrial;

          @Override
          public void checkpoint() {}

          @Override
          public Optional<RunStopped.Reason> stopRequested() {
            if (store.artifacts().isEmpty()) {
              return Optional.empty();
            }
            passedTrial = passedTrial == 0 ? System.nanoTime() : passedTrial;
            return System.nanoTime() - passedTrial > 1_500_000_000L
                ? Optional.of(RunStopped.Reason.CANCELLED)
                : Optional.empty();
          }
        };
    CompressionRequest endless = request(HostileModels.endlessOnData());
    assertThatThrownBy(() -> RUNNER.compress(endless, store, new NoDevice(), control))
        .isInstanceOf(RunStopped.class);
    assertThat(store.artifacts()).hasSize(1);
  }

  @Test
  void modelsThatWantAllMemory_areRefused() {
    for (OnnxGraph model :
        List.of(
            HostileModels.huge(),
            HostileModels.hugeTile("Tile"),
            HostileModels.hugeTile("Expand"),
            HostileModels.hugeOnData())) {
      assertThatThrownBy(() -> compress(model, () -> {}))
          .as(model.name())
          .isInstanceOf(ModelFailure.class)
          .message()
          .hasSizeGreaterThan(20);
    }
  }

  @Test
  void modelThatLiesAboutItsShapes_isRefused() {
    assertThatThrownBy(() -> compress(HostileModels.liar(), () -> {}))
        .isInstanceOf(ModelFailure.class)
        .message()
        .hasSizeGreaterThan(20);
  }
}
