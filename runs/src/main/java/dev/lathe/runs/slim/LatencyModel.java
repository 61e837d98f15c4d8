package dev.lathe.runs.slim;

import dev.lathe.data.Progress;
import dev.lathe.farm.Measurement;
import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.Estimate;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.PredictorRefusedException;
import dev.lathe.latency.Reading;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.elastic.ElasticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What cuts of a model will take on a device, told from some that were measured there.
 *
 * @param predictor as {@link GraphLatencyPredictor} writes it
 * @param report its error on cuts that were held out
 */
record LatencyModel(String predictor, CalibrationReport report) {
  private static final int NETWORKS = 40;
  private static final int TRIES = 3;

  /**
   * Measures cuts until a predictor ranks well those that it has not seen.
   *
   * @throws IOException if none does
   */
  static LatencyModel measured(
      ElasticModel space, LocalCpu device, Path scratch, long seed, Progress progress)
      throws IOException {
    List<Architecture> drawn =
        MacsSpread.skewed(space, TRIES * NETWORKS, new RandomStreams(seed).at("slim.latency", 0));
    List<OnnxGraph> graphs = new ArrayList<>();
    MeasurementSeries series = new MeasurementSeries(List.of());
    String refused = "";
    for (int from = 0; from < drawn.size(); from += NETWORKS) {
      int to = Math.min(drawn.size(), from + NETWORKS);
      for (Architecture architecture : drawn.subList(from, to)) {
        OnnxGraph graph = graph(space, architecture);
        graphs.add(graph);
        series.network(GraphFeatures.of(graph, 1));
      }
      read(series, graphs, IntStream.range(from, to).boxed().toList(), device, scratch, progress);
      if (series.samples().size() < GraphLatencyPredictor.LEAST_SAMPLES) {
        continue;
      }
      List<Integer> again = series.again(seed);
      read(series, graphs, again, device, scratch, progress);
      read(series, graphs, again, device, scratch, progress);
      try {
        Calibration found = GraphLatencyPredictor.calibrate(series.samples(), seed);
        return new LatencyModel(found.predictor().toJson(), found.report());
      } catch (PredictorRefusedException e) {
        refused = e.getMessage();
      }
    }
    throw new IOException(
        "latencies of this model's cuts cannot be told from one another on this machine: "
            + refused
            + " Maybe try again when nothing else runs here.");
  }

  private static OnnxGraph graph(ElasticModel space, Architecture architecture) {
    return space.sized(space.cut(architecture).graph(), architecture);
  }

  private static void read(
      MeasurementSeries series,
      List<OnnxGraph> graphs,
      List<Integer> which,
      LocalCpu device,
      Path scratch,
      Progress progress)
      throws IOException {
    for (int i = 0; i < which.size(); i++) {
      progress.at(
          (double) i / which.size(), "networks measured: %d of %d".formatted(i, which.size()));
      graphs.get(which.get(i)).write(scratch);
      Measurement found = device.measure(scratch);
      series.add(
          which.get(i),
          new Reading(found.p50(), found.sentinelBeforeMillis(), found.sentinelAfterMillis()));
    }
  }

  /** The latency of an architecture. */
  Estimate predict(ElasticModel space, Architecture architecture) {
    FeatureVector features =
        GraphFeatures.of(space.sized(space.cut(architecture).outline(), architecture), 1);
    return GraphLatencyPredictor.fromJson(predictor).predict(features);
  }
}
