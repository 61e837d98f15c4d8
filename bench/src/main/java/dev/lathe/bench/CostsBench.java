package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.farm.Backends;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.latency.cost.CalibratedCost;
import dev.lathe.latency.cost.Cost;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench costs}: memory and energy of networks, measured and predicted. */
@Command(
    name = "costs",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the peak memory of networks on this machine, and their energy where it tells, and"
          + " compares with what follows from their graphs.",
      "The networks are MobileNetV2 of six widths and four resolutions, weights drawn at random.",
      "Example: ./lathe bench costs --json out.json"
    })
final class CostsBench implements Callable<Integer> {
  private static final double[] WIDTHS = {0.35, 0.5, 0.75, 1, 1.3, 1.6};
  private static final int[] RESOLUTIONS = {96, 128, 160, 224};
  private static final int CLASSES = 1000;

  @Spec private CommandSpec spec;

  @Option(names = "--seed", defaultValue = "1", description = "Of the weights (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  /** A network and what was measured of it; empty where the machine does not tell. */
  private record Measured(
      String name,
      OnnxGraph graph,
      long fileBytes,
      Optional<Double> residentBytes,
      Optional<Double> millijoules) {}

  @Override
  public Integer call() throws IOException, MeasurementFailed, InterruptedException {
    List<Measured> networks = measure();
    ObjectNode tree = new ObjectMapper().createObjectNode();
    ArrayNode list = tree.putArray("networks");
    for (Measured network : networks) {
      CostReport report = CostReport.of(network.graph, 1);
      ObjectNode node =
          list.addObject()
              .put("name", network.name)
              .put("fileBytes", network.fileBytes)
              .put("parameterBytes", report.parameterBytes())
              .put("peakActivationBytes", report.peakActivationBytes())
              .put("macs", report.macs());
      network.residentBytes.ifPresent(bytes -> node.put("residentBytes", bytes));
      network.millijoules.ifPresent(energy -> node.put("millijoules", energy));
    }
    judge(Cost.PEAK_MEMORY_BYTES, samples(networks, Measured::residentBytes), tree);
    judge(Cost.ENERGY_MILLIJOULES, samples(networks, Measured::millijoules), tree);
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), tree);
    }
    return 0;
  }

  private List<Measured> measure() throws IOException, MeasurementFailed, InterruptedException {
    List<Measured> measured = new ArrayList<>();
    Path file = Files.createTempFile("lathe-costs-", ".onnx");
    try (MeasurementBackend backend = Backends.open("cpu", Map.of())) {
      for (double width : WIDTHS) {
        for (int resolution : RESOLUTIONS) {
          OnnxGraph graph = MobileNetV2.random(width, resolution, CLASSES, seed);
          graph.write(file);
          Measurement measurement = backend.measure(file, MeasurementProtocol.named("quick", 1));
          String name = "mobilenetv2-x%s-%d".formatted(width, resolution);
          measured.add(
              new Measured(
                  name,
                  graph,
                  Files.size(file),
                  number(measurement, Measurement.PEAK_MEMORY).map(megabytes -> 1e6 * megabytes),
                  number(measurement, Measurement.ENERGY)));
          spec.commandLine().getErr().println("measured: " + name);
        }
      }
    } finally {
      Files.deleteIfExists(file);
    }
    return measured;
  }

  private static Optional<Double> number(Measurement measurement, String name) {
    return Optional.ofNullable(measurement.figures().get(name)).filter(value -> value > 0);
  }

  private interface Reading {
    Optional<Double> of(Measured network);
  }

  private static List<CalibratedCost.Measured> samples(List<Measured> networks, Reading reading) {
    return networks.stream()
        .flatMap(
            network ->
                reading
                    .of(network)
                    .map(value -> new CalibratedCost.Measured(network.graph, value))
                    .stream())
        .toList();
  }

  private void judge(Cost cost, List<CalibratedCost.Measured> samples, ObjectNode tree) {
    String name = cost.name().toLowerCase(Locale.ROOT);
    if (samples.size() < CalibratedCost.LEAST_SAMPLES) {
      tree.putObject(name).put("measured", samples.size());
      spec.commandLine().getOut().printf("%s: this machine does not tell%n", name);
      return;
    }
    CalibratedCost predictor = CalibratedCost.calibrate(cost, samples);
    ObjectNode node =
        tree.putObject(name)
            .put("measured", samples.size())
            .put("spearman", predictor.heldOut().spearman())
            .put("mape", predictor.heldOut().mape())
            .put("within10", predictor.heldOut().within10())
            .put("relativeWidth", predictor.relativeWidth());
    ArrayNode shares = node.putArray("shares");
    for (double share : predictor.shares()) {
      shares.add(share);
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s, %d networks, held out: Spearman %.4f, mean error %.1f %%, within 10 %% %.3f, interval"
                + " +- %.1f %%, shares %s%n",
            name,
            samples.size(),
            predictor.heldOut().spearman(),
            100 * predictor.heldOut().mape(),
            predictor.heldOut().within10(),
            100 * predictor.relativeWidth(),
            shares);
    spec.commandLine().getOut().flush();
  }
}
