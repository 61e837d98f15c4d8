package dev.lathe.cli.compress;

import dev.lathe.compress.NodeOutcome;
import dev.lathe.compress.recipe.Compressed;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.onnx.CalibrationSource;
import dev.lathe.supernet.onnx.ImageLessons;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compresses an ONNX file. */
@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "Compresses an ONNX file with a recipe and reports what that did.",
      "Example: lathe compress model.onnx --recipe int8 --calibration folder:images --out small"
    })
public final class CompressCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file")
  private Path model = Path.of("");

  @Option(
      names = "--recipe",
      required = true,
      description = {
        "YAML file, or a name: float32, int8, mixed, half, weights8, weights4, ...;",
        "NAME+fine-tune trains the result by the original's answers"
      })
  private String recipe = "";

  @Option(
      names = "--calibration",
      defaultValue = "noise:64",
      description = "builtin, folder:DIR, idx:DIR, cifar:DIR, or noise:COUNT (default: noise:64)")
  private String calibration = "";

  @Option(
      names = "--size",
      paramLabel = "NAME=SIZE",
      description = "size of a symbolic dimension of the inputs other than the batch")
  private Map<String, Long> sizes = Map.of();

  @Option(names = "--out", required = true, description = "folder for the compressed file")
  private Path out = Path.of("");

  @Option(names = "--json", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "of data and noise")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The report for machines. */
  record Report(
      String recipe,
      String onnx,
      long floatBytes,
      long bytes,
      double outputDecibels,
      double floatAccuracy,
      double accuracy,
      double seconds,
      double peakMegabytes,
      List<StepReport> steps) {}

  @Override
  public Integer call() throws IOException {
    OnnxGraph graph = UserModel.read(model, sizes);
    CompressionRecipe chosen = recipe(recipe);
    CalibrationSource source = CalibrationSource.open(calibration, graph, seed, sizes);
    long start = System.nanoTime();
    Compressed compressed =
        Compressor.apply(
            chosen,
            graph,
            source.data(),
            new ImageLessons(calibration, seed, progress()),
            Compressor.Watcher.none());
    double seconds = (System.nanoTime() - start) / 1e9;
    double peak = ResidentMemory.peakMegabytes();
    String name = model.getFileName().toString().replaceFirst("\\.onnx$", "");
    Path file = out.resolve(name + "-" + chosen.name() + ".onnx");
    compressed.model().write(file);
    for (Map.Entry<String, String> text : compressed.files().entrySet()) {
      Files.writeString(
          out.resolve(name + "-" + chosen.name() + "." + text.getKey()), text.getValue());
    }
    Report report =
        new Report(
            chosen.name(),
            file.toString(),
            Files.size(model),
            Files.size(file),
            compressed.last().outputDecibels(),
            orNaN(source.accuracy(graph)),
            orNaN(source.accuracy(compressed.model())),
            seconds,
            peak,
            compressed.steps());
    print(spec.commandLine().getOut(), report);
    if (json.isPresent()) {
      JsonFile.write(json.get(), report);
    }
    return 0;
  }

  private Progress progress() {
    PrintWriter err = spec.commandLine().getErr();
    long[] told = {System.nanoTime()};
    return (fraction, message) -> {
      if (System.nanoTime() - told[0] >= 5_000_000_000L) {
        told[0] = System.nanoTime();
        err.printf("%3.0f %%  %s%n", 100 * fraction, message);
        err.flush();
      }
    };
  }

  private static double orNaN(OptionalDouble value) {
    return value.orElse(Double.NaN);
  }

  static CompressionRecipe recipe(String nameOrFile) throws IOException {
    Optional<CompressionRecipe> known = CompressionRecipe.named(nameOrFile);
    if (known.isPresent()) {
      return known.get();
    }
    Path file = Path.of(nameOrFile);
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          "there is no recipe '%s' and no such file. Maybe one of %s."
              .formatted(nameOrFile, CompressionRecipe.known().keySet()));
    }
    return RecipeReader.read(Files.readString(file));
  }

  private static void print(PrintWriter out, Report report) {
    out.printf(
        "%s: %,d bytes, %.3f of %,d; output %.1f dB; %.1f s, %.0f MB at most%n",
        report.onnx(),
        report.bytes(),
        (double) report.bytes() / report.floatBytes(),
        report.floatBytes(),
        report.outputDecibels(),
        report.seconds(),
        report.peakMegabytes());
    if (Double.isFinite(report.accuracy())) {
      out.printf("accuracy %.4f, before %.4f%n", report.accuracy(), report.floatAccuracy());
    }
    for (StepReport step : report.steps()) {
      out.printf(
          "  %-14s %,12d bytes  output %6.1f dB  fused against literal %6.1f dB  %6.1f s  %.3f ms  %.0f MB resident%n",
          step.step(),
          step.bytes(),
          step.outputDecibels(),
          step.fusionDecibels(),
          step.seconds(),
          step.latencyMillis(),
          step.residentMegabytes());
      step.notes().forEach(note -> out.printf("    %s%n", note));
      if (!step.nodes().isEmpty()) {
        out.printf("    %d nodes integer, %d float%n", step.integerNodes(), step.floatNodes());
      }
      step.nodes().stream()
          .filter(node -> node.form() == NodeOutcome.Form.FLOAT)
          .forEach(
              node ->
                  out.printf(
                      "    float: %s '%s': %s%n", node.opType(), node.name(), node.reason()));
    }
    out.flush();
  }
}
