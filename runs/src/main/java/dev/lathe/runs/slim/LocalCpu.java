package dev.lathe.runs.slim;

import dev.lathe.farm.Backends;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * This machine's processor: ONNX Runtime at one thread, in a process of its own. Where something
 * else runs on the machine, measurements drift; then they are taken as they are, more often, and
 * {@link #isQuiet} tells.
 */
final class LocalCpu implements AutoCloseable {
  /** The name under which results tell of it. */
  static final String NAME = "this-machine";

  private static final String NO_LIMIT = "1000";
  private static final int ROUNDS = 3;
  private static final int ROUNDS_IN_NOISE = 9;

  private MeasurementBackend backend;
  private boolean quiet = true;

  private LocalCpu(MeasurementBackend backend) {
    this.backend = backend;
  }

  static LocalCpu start() throws IOException {
    return new LocalCpu(backend(Map.of()));
  }

  private static MeasurementBackend backend(Map<String, String> options) throws IOException {
    try {
      return Backends.open("cpu", options);
    } catch (MeasurementFailed e) {
      throw new IOException("this machine cannot measure: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Whether the machine has been steady so far. */
  boolean isQuiet() {
    return quiet;
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while measuring", e);
  }

  String runtime() {
    return backend.facts().runtime();
  }

  /**
   * Measures a file once.
   *
   * @throws IOException if the model fails on the device
   */
  Measurement measure(Path file) throws IOException {
    return measured(List.of(file)).getFirst();
  }

  private List<Measurement> measured(List<Path> files) throws IOException {
    List<Outcome> outcomes;
    try {
      outcomes = backend.measureTogether(files, MeasurementProtocol.quick(1));
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    List<Measurement> found = new ArrayList<>();
    for (int i = 0; i < outcomes.size(); i++) {
      switch (outcomes.get(i)) {
        case Outcome.Measured(Measurement measurement) -> found.add(measurement);
        case Outcome.Failed failed -> {
          if (failed.kind() == FailureKind.UNSTABLE && quiet) {
            quiet = false;
            backend.close();
            backend = backend(Map.of("max-drift", NO_LIMIT, "repeats", "0", "noisy-repeats", "0"));
            return measured(files);
          }
          throw new IOException(
              "'%s' could not be measured: %s".formatted(files.get(i), failed.message()));
        }
      }
    }
    return found;
  }

  /** Measures files in turns, several times; of each the measurement with the middle median. */
  List<Measurement> compare(List<Path> files) throws IOException {
    List<List<Measurement>> rounds = new ArrayList<>();
    for (int round = 0; round < (quiet ? ROUNDS : ROUNDS_IN_NOISE); round++) {
      rounds.add(measured(files));
    }
    List<Measurement> middle = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      int file = i;
      middle.add(
          rounds.stream()
              .map(round -> round.get(file))
              .sorted(Comparator.comparingDouble(Measurement::p50))
              .toList()
              .get(rounds.size() / 2));
    }
    return middle;
  }

  @Override
  public void close() {
    backend.close();
  }
}
