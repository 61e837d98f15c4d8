package dev.lathe.farm.ort;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementFailed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a GPU tells of itself, by NVIDIA's management library through {@code nvidia-smi}.
 *
 * @param name of the GPU
 * @param memoryBytes that it has
 * @param more driver, clocks, temperature and power at this moment, those that it tells
 */
record GpuFacts(String name, long memoryBytes, Map<String, String> more) {
  private static final String[] FIELDS = {
    "name",
    "memory.total",
    "driver_version",
    "clocks.sm",
    "clocks.max.sm",
    "temperature.gpu",
    "power.draw",
    "power.limit"
  };
  private static final String[] NAMES = {
    "",
    "",
    "driver",
    "clockMegahertz",
    "mostClockMegahertz",
    "temperatureCelsius",
    "watts",
    "mostWatts"
  };
  private static final int LIMIT_SECONDS = 10;

  /**
   * Asks the first GPU.
   *
   * @param program name or path of {@code nvidia-smi}
   */
  static GpuFacts read(String program) throws MeasurementFailed, InterruptedException {
    try {
      Process process =
          new ProcessBuilder(
                  program,
                  "--id=0",
                  "--query-gpu=" + String.join(",", FIELDS),
                  "--format=csv,noheader,nounits")
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new MeasurementFailed(
            FailureKind.DEVICE,
            "'%s' gave no sign for %d s. Maybe the GPU hangs.".formatted(program, LIMIT_SECONDS));
      }
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      String[] values = text.split(" *, *", -1);
      if (process.exitValue() != 0
          || values.length != FIELDS.length
          || !values[1].matches("\\d+")) {
        throw new MeasurementFailed(
            FailureKind.DEVICE, "'%s' does not tell of a GPU: %s".formatted(program, text));
      }
      Map<String, String> more = new TreeMap<>();
      for (int i = 2; i < FIELDS.length; i++) {
        if (!values[i].startsWith("[")) {
          more.put(NAMES[i], values[i]);
        }
      }
      return new GpuFacts(values[0], Long.parseLong(values[1]) << 20, more);
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "'%s' cannot be started. Maybe NVIDIA's driver is not installed.".formatted(program),
          e);
    }
  }
}
