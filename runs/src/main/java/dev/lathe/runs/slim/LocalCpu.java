package dev.lathe.runs.slim;

import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** This machine's processor: ONNX Runtime at one thread, in a process of its own. */
final class LocalCpu implements AutoCloseable {
  /** The name under which results tell of it. */
  static final String NAME = "this-machine";

  private static final int ROUNDS = 3;

  private final CpuBackend backend;

  private LocalCpu(CpuBackend backend) {
    this.backend = backend;
  }

  static LocalCpu start() throws IOException {
    try {
      return new LocalCpu(CpuBackend.start(CpuBackend.Settings.usual()));
    } catch (MeasurementFailed e) {
      throw new IOException("this machine cannot measure: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IOException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IOException("interrupted while measuring", e);
  }

  String runtime() {
    return backend.runtime();
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
        case Outcome.Failed failed ->
            throw new IOException(
                "'%s' could not be measured: %s".formatted(files.get(i), failed.message()));
      }
    }
    return found;
  }

  /** Measures files in turns, three times; of each the measurement with the middle median. */
  List<Measurement> compare(List<Path> files) throws IOException {
    List<List<Measurement>> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
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
              .get(ROUNDS / 2));
    }
    return middle;
  }

  @Override
  public void close() {
    backend.close();
  }
}
