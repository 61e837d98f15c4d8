package dev.lathe.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.compress.JsonFile;
import dev.lathe.compress.Latencies;
import dev.lathe.compress.MobileNetV2;
import dev.lathe.compress.Noise;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Applies every recipe to a model, each in a process of its own, and measures the results. */
@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "Applies all recipes to a model; latencies are measured interleaved at one thread.",
      "Example: lathe bench compress --model mobilenetv2-224 --calibration noise:64 --json c.json"
    })
public final class CompressBench implements Callable<Integer> {
  private static final String MOBILENET = "mobilenetv2-224";

  @Option(names = "--model", required = true, description = "ONNX file, or " + MOBILENET)
  private String model = "";

  @Option(
      names = "--calibration",
      defaultValue = "noise:64",
      description = "data set, or noise:COUNT (default: noise:64)")
  private String calibration = "";

  @Option(names = "--json", description = "file for the figures")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--rounds", defaultValue = "60", description = "runs of each model")
  private int rounds;

  @Option(
      names = "--recipes",
      split = ",",
      description = "names of the recipes (default: all that apply)")
  private List<String> recipes = List.of();

  @Option(names = "--seed", defaultValue = "1", description = "of weights, data and noise")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Percentiles in milliseconds. */
  record Percentiles(double p50, double p90) {}

  /** The figures of one recipe. */
  record Entry(
      String recipe,
      long bytes,
      Percentiles latencyMillis,
      double sqnrDecibels,
      double accuracy,
      double seconds,
      long integerNodes,
      long floatNodes,
      double peakMegabytes) {}

  /** All figures; recipes that do not apply with the reason. */
  record Figures(List<Entry> recipes, Map<String, String> notApplied) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("lathe-bench");
    Path file = Path.of(model);
    if (model.equals(MOBILENET)) {
      file = folder.resolve(MOBILENET + ".onnx");
      MobileNetV2.random(1, 224, 1000, seed).write(file);
    }
    Map<String, JsonNode> results = new LinkedHashMap<>();
    Map<String, String> failures = new LinkedHashMap<>();
    List<String> names =
        recipes.isEmpty() ? List.copyOf(CompressionRecipe.known().keySet()) : recipes;
    for (String name : names) {
      spec.commandLine().getErr().println("compressing: " + name);
      Path report = folder.resolve(name + ".json");
      Optional<String> failure = compress(file, name, folder, report);
      if (failure.isPresent()) {
        failures.put(name, failure.get());
      } else {
        results.put(name, JsonFile.read(report));
      }
    }
    Figures figures = new Figures(measure(file, results), failures);
    print(spec.commandLine().getOut(), figures);
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
    return 0;
  }

  /** Runs the command {@code compress} in a process of its own; the error text if it fails. */
  private Optional<String> compress(Path file, String recipe, Path folder, Path report)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx640m",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.awt.headless=true",
            "dev.lathe.cli.Lathe",
            "compress",
            file.toString(),
            "--recipe",
            recipe,
            "--calibration",
            calibration,
            "--out",
            folder.toString(),
            "--json",
            report.toString(),
            "--accept-broken",
            "--seed",
            Long.toString(seed)));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(recipe + ".log").toFile());
    // Not as an option: ONNX Runtime does not survive long command lines.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    if (process.waitFor() == 0) {
      return Optional.empty();
    }
    List<String> lines =
        Files.readAllLines(folder.resolve(recipe + ".log"), StandardCharsets.UTF_8);
    return Optional.of(
        lines.isEmpty() ? "ended with code " + process.exitValue() : lines.getLast());
  }

  private List<Entry> measure(Path file, Map<String, JsonNode> results) throws IOException {
    List<byte[]> models = new ArrayList<>();
    for (JsonNode result : results.values()) {
      models.add(Files.readAllBytes(Path.of(result.get("onnx").asText())));
    }
    OnnxGraph graph = OnnxGraph.read(file);
    Noise noise = Noise.of(graph, 1, seed);
    List<Latencies.Distribution> latencies =
        models.isEmpty()
            ? List.of()
            : Latencies.interleaved(models, noise.feed(graph, 0, 1), rounds);
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> result : results.entrySet()) {
      JsonNode report = result.getValue();
      JsonNode last = report.get("steps").get(report.get("steps").size() - 1);
      Latencies.Distribution latency = latencies.get(entries.size());
      entries.add(
          new Entry(
              result.getKey(),
              report.get("bytes").asLong(),
              new Percentiles(latency.p50(), latency.p90()),
              report.get("outputDecibels").asDouble(Double.NaN),
              report.get("accuracy").asDouble(Double.NaN),
              report.get("seconds").asDouble(),
              last.get("integerNodes").asLong(),
              last.get("floatNodes").asLong(),
              report.get("peakMegabytes").asDouble(Double.NaN)));
    }
    return entries;
  }

  private static void print(PrintWriter out, Figures figures) {
    out.printf(
        "%-18s %12s %10s %10s %8s %9s %8s %8s %6s %8s%n",
        "recipe",
        "bytes",
        "p50 ms",
        "p90 ms",
        "dB",
        "accuracy",
        "seconds",
        "integer",
        "float",
        "peak MB");
    for (Entry entry : figures.recipes()) {
      out.printf(
          "%-18s %,12d %10.3f %10.3f %8.1f %9.4f %8.1f %8d %6d %8.0f%n",
          entry.recipe(),
          entry.bytes(),
          entry.latencyMillis().p50(),
          entry.latencyMillis().p90(),
          entry.sqnrDecibels(),
          entry.accuracy(),
          entry.seconds(),
          entry.integerNodes(),
          entry.floatNodes(),
          entry.peakMegabytes());
    }
    figures.notApplied().forEach((name, reason) -> out.printf("%-18s %s%n", name, reason));
    out.flush();
  }
}
