package dev.lathe.farm.ort;

import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.SentinelHistory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Limits of the measuring process.
 *
 * @param timeLimit for loading and warming up one model; sampling comes on top
 * @param memoryBytes by which a model may let the process grow
 * @param maxDrift of the sentinel, as a share: 0.05 is 5 percent
 * @param repeats how often a measurement that drifted is taken again
 * @param noisyRepeats how often one that is noisy or throttled is taken again
 * @param launcher program and arguments that start the process, put before its own; mostly empty
 */
record ProcessSettings(
    Duration timeLimit,
    long memoryBytes,
    double maxDrift,
    int repeats,
    int noisyRepeats,
    List<String> launcher) {
  /** The options by which a user sets these. */
  static final List<BackendOption> OPTIONS =
      List.of(
          new BackendOption("time-limit", "120", "seconds for loading and warming up one model"),
          new BackendOption("memory", "4096", "MiB by which a model may let the process grow"),
          new BackendOption(
              "max-drift", "0.05", "share by which the sentinel may drift before a rejection"),
          new BackendOption("repeats", "5", "how often a measurement that drifted is taken again"),
          new BackendOption(
              "noisy-repeats", "1", "how often a noisy or throttled one is taken again"),
          new BackendOption(
              "launcher", "", "what starts the measuring process, for example 'numactl -m 0'"),
          new BackendOption(
              "history",
              "",
              "folder for what the sentinel took: tells slow hours from slow models"));

  ProcessSettings(
      Duration timeLimit, long memoryBytes, double maxDrift, int repeats, int noisyRepeats) {
    this(timeLimit, memoryBytes, maxDrift, repeats, noisyRepeats, List.of());
  }

  ProcessSettings {
    launcher = List.copyOf(launcher);
    if (!timeLimit.isPositive()
        || memoryBytes < 1 << 20
        || !(maxDrift > 0)
        || repeats < 0
        || noisyRepeats < 0) {
      throw new IllegalArgumentException(
          "a back end needs a positive time limit and drift, at least 1 MiB of memory and repeats ≥ 0, not %s, %s, %d, %d and %d."
              .formatted(timeLimit, maxDrift, memoryBytes, repeats, noisyRepeats));
    }
  }

  static ProcessSettings of(BackendSettings settings) {
    return new ProcessSettings(
        Duration.ofSeconds(settings.integer("time-limit", 1, 86_400)),
        (long) settings.integer("memory", 1, 1 << 20) << 20,
        settings.number("max-drift", 1e-12, 1e12),
        settings.integer("repeats", 0, 1000),
        settings.integer("noisy-repeats", 0, 1000),
        settings
            .text("launcher")
            .map(words -> List.of(words.strip().split("\\s+", -1)))
            .orElse(List.of()));
  }

  /** The history of the sentinel under a runtime: of another one it would mislead. */
  static Function<String, SentinelHistory> history(BackendSettings settings) {
    Optional<String> folder = settings.text("history");
    return runtime ->
        folder
            .map(
                name ->
                    SentinelHistory.of(
                        Path.of(name)
                            .resolve("sentinel-" + runtime.replaceAll("[^A-Za-z0-9.]+", "-"))))
            .orElseGet(SentinelHistory::inMemory);
  }
}
