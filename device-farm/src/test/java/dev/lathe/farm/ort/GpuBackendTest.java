package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.Backends;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.RunningBackendContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The contract of a GPU where there is none: a program plays {@code nvidia-smi}, and the child runs
 * on the processor what is meant for the GPU.
 */
class GpuBackendTest extends RunningBackendContract {
  @TempDir static Path shared;

  private static MeasurementBackend backend;

  /** A child whose provider is the processor's, whatever it is told. */
  static final class Stand {
    private Stand() {}

    public static void main(String... arguments) throws IOException {
      MeasurementChild.main(arguments[0], arguments[1], Provider.CPU.name());
    }
  }

  private static String smi(String name, String says, int code) throws IOException {
    Path file =
        Files.writeString(
            shared.resolve(name), "#!/bin/sh\necho '%s'\nexit %d\n".formatted(says, code));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file.toString();
  }

  private static MeasurementBackend open(String smi) throws Exception {
    CudaFactory factory = new CudaFactory();
    return factory.open(
        BackendSettings.of(
            factory, Map.of("nvidia-smi", smi, "max-drift", "1e9", "noisy-repeats", "0")),
        Stand.class);
  }

  @BeforeAll
  static void start() throws Exception {
    backend = open(smi("smi", "Fake GPU 9, 8192, 555.1, 1410, 1980, 41, 61.5, [N/A]", 0));
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
  void facts_areTheGpusOwn() {
    assertThat(backend.facts().backend()).isEqualTo("cuda");
    assertThat(backend.facts().processor()).isEqualTo("Fake GPU 9");
    assertThat(backend.facts().memoryBytes()).isEqualTo(8L << 30);
    assertThat(backend.facts().more())
        .containsEntry("clockMegahertz", "1410")
        .containsEntry("temperatureCelsius", "41")
        .doesNotContainKey("mostWatts");
  }

  @Test
  void gpuThatDoesNotAnswer_isNamed() throws Exception {
    String broken = smi("broken", "NVIDIA-SMI has failed", 9);
    assertThatThrownBy(() -> open(broken))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("NVIDIA-SMI has failed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuda", "tensorrt"})
  void machineWithoutAGpu_saysSo(String name) {
    assumeThat(Files.exists(Path.of("/dev/nvidia0"))).isFalse();
    assertThatThrownBy(() -> Backends.open(name, Map.of()))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("no NVIDIA GPU")
        .hasMessageContaining("Maybe");
  }
}
