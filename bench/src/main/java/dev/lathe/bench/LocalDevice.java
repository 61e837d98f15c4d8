package dev.lathe.bench;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.farm.Backends;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.graph.Subnet;
import dev.lathe.latency.Calibration;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.Reading;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** This machine's processor as a device: ONNX Runtime at one thread, in a process of its own. */
public final class LocalDevice implements AutoCloseable {
  private static final int STATISTICS_IMAGES = 8;
  private static final int ROUNDS = 3;

  private final MeasurementBackend backend;
  private final Path folder;

  private LocalDevice(MeasurementBackend backend, Path folder) {
    this.backend = backend;
    this.folder = folder;
  }

  /**
   * Starts it.
   *
   * @throws IOException if this machine cannot measure
   */
  public static LocalDevice start() throws IOException {
    try {
      return new LocalDevice(
          Backends.open("cpu", Map.of()), Files.createTempDirectory("lathe-device"));
    } catch (MeasurementFailed e) {
      throw new IOException("this machine cannot measure: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private static IllegalStateException interrupted() {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while measuring");
  }

  /**
   * Measures networks of a space with fresh weights, on which latency does not depend, and fits a
   * predictor.
   */
  Calibration calibrate(
      NetworkSpace space, DataSet data, int networks, RandomStreams streams, Progress progress)
      throws IOException {
    List<Architecture> drawn = MacsSpread.draw(space, networks, streams.at("calibration", 1));
    List<OnnxGraph> graphs = new ArrayList<>();
    List<FeatureVector> features = new ArrayList<>();
    try (Workers workers = new Workers(1);
        WeightStore store = WeightStore.initialised(space.specs(), streams.at("calibration", 0));
        Evaluator evaluator =
            new Evaluator(
                data.train(),
                STATISTICS_IMAGES,
                data.validation(),
                data.normalization(),
                data.classes().size(),
                streams,
                workers)) {
      for (Architecture architecture : drawn) {
        Subnet network = space.subnet(architecture);
        OnnxGraph graph = network.export(store::values, evaluator.statistics(store, network));
        graphs.add(graph);
        features.add(GraphFeatures.of(graph, 1));
      }
    }
    MeasurementSeries series = new MeasurementSeries(features);
    read(series, graphs, IntStream.range(0, graphs.size()).boxed().toList(), progress);
    List<Integer> again = series.again(streams.seed());
    for (int repeat = 0; repeat < 2; repeat++) {
      read(series, graphs, again, progress);
    }
    return GraphLatencyPredictor.calibrate(series.samples(), streams.seed());
  }

  private void read(
      MeasurementSeries series, List<OnnxGraph> graphs, List<Integer> which, Progress progress)
      throws IOException {
    for (int i = 0; i < which.size(); i++) {
      progress.at(
          (double) i / which.size(), "networks measured: %d of %d".formatted(i, which.size()));
      Path file = folder.resolve("network.onnx");
      graphs.get(which.get(i)).write(file);
      if (measure(List.of(file)).getFirst() instanceof Outcome.Measured(Measurement found)) {
        series.add(
            which.get(i),
            Reading.of(found.p50(), found.sentinelBeforeMillis(), found.sentinelAfterMillis()));
      }
    }
  }

  /** Measures files in turns at one thread, a round of each: one outcome a file. */
  public List<Outcome> measure(List<Path> files) {
    try {
      return backend.measureTogether(files, MeasurementProtocol.quick(1));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /**
   * The median latencies of files that are measured in turns, in milliseconds: of three rounds, the
   * middle one. Empty for a file that could not be measured.
   */
  List<OptionalDouble> latencies(List<Path> files) {
    List<List<Double>> rounds = new ArrayList<>();
    files.forEach(_ -> rounds.add(new ArrayList<>()));
    for (int round = 0; round < ROUNDS; round++) {
      List<Outcome> outcomes = measure(files);
      for (int i = 0; i < files.size(); i++) {
        if (outcomes.get(i) instanceof Outcome.Measured(Measurement found)) {
          rounds.get(i).add(found.p50());
        }
      }
    }
    return rounds.stream()
        .map(
            found ->
                found.isEmpty()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(found.stream().sorted().toList().get(found.size() / 2)))
        .toList();
  }

  @Override
  public void close() {
    backend.close();
  }
}
