package dev.lathe.cli.gate;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Figures of files taken on this machine, round after round in turns.
 *
 * @param p50 median latency of each file in each round, in milliseconds: [file][round]
 * @param figures of each file by metric
 */
record MeasuredHere(double[][] p50, List<Map<String, Double>> figures) {
  /** What stands for a device in the metrics of this machine. */
  static final String DEVICE = "here";

  /**
   * Measures.
   *
   * @throws IOException if a file cannot be measured
   */
  static MeasuredHere of(List<Path> files, int rounds, MeasurementBackend backend)
      throws IOException, InterruptedException {
    double[][] p50 = new double[files.size()][rounds];
    List<List<Measurement>> all = new ArrayList<>();
    files.forEach(_ -> all.add(new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      List<Outcome> outcomes = backend.measureTogether(files, MeasurementProtocol.quick(1));
      for (int i = 0; i < files.size(); i++) {
        switch (outcomes.get(i)) {
          case Outcome.Measured(Measurement measurement) -> {
            p50[i][round] = measurement.p50();
            all.get(i).add(measurement);
          }
          case Outcome.Failed(FailureKind kind, String message) ->
              throw new IOException(
                  "'%s' cannot be measured: %s (%s)".formatted(files.get(i), message, kind));
        }
      }
    }
    List<Map<String, Double>> figures = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      figures.add(figures(files.get(i), all.get(i)));
    }
    return new MeasuredHere(p50, figures);
  }

  /** What follows from a file alone: {@code bytes}, {@code parameters}, {@code macs}. */
  static Map<String, Double> ofFile(Path file) throws IOException {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("bytes", (double) Files.size(file));
    try {
      CostReport cost = CostReport.of(OnnxGraph.read(file), 1);
      figures.put("parameters", (double) cost.parameters());
      figures.put("macs", (double) cost.macs());
    } catch (RuntimeException e) {
      // Not every file's shapes can be inferred; what is not known is told when it is asked for.
    }
    return figures;
  }

  private static Map<String, Double> figures(Path file, List<Measurement> rounds)
      throws IOException {
    Map<String, Double> figures = ofFile(file);
    put(figures, "latency", rounds.stream().mapToDouble(Measurement::p50).toArray());
    put(figures, "latency.p90", rounds.stream().mapToDouble(Measurement::p90).toArray());
    put(figures, "latency.p99", rounds.stream().mapToDouble(Measurement::p99).toArray());
    for (String name : rounds.getFirst().figures().keySet()) {
      double[] values =
          rounds.stream()
              .flatMap(one -> one.figure(name).stream().boxed())
              .mapToDouble(Double::doubleValue)
              .toArray();
      put(figures, name, values);
    }
    return figures;
  }

  /** The median over the rounds. */
  private static void put(Map<String, Double> figures, String symbol, double[] values) {
    Arrays.sort(values);
    figures.put(
        symbol + "@" + DEVICE, (values[(values.length - 1) / 2] + values[values.length / 2]) / 2);
  }
}
