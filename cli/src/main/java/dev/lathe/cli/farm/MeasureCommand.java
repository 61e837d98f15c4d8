package dev.lathe.cli.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.cpu.CpuBackend;
import dev.lathe.farm.message.FarmJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures ONNX files on this machine's processor, several in turns so that they compare. */
@Command(
    name = "measure",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the latency of any ONNX file on this machine, in a process of its own.",
      "Several files are measured in turns, so that their figures can be compared.",
      "Example: lathe measure small.onnx large.onnx --protocol full --json latency.json"
    })
public final class MeasureCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "MODEL", description = "ONNX files.")
  private List<Path> models = new ArrayList<>();

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      description = "Threads of the runtime; default ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--protocol",
      defaultValue = "quick",
      paramLabel = "NAME",
      description =
          "quick (64 samples or more) or full (1024 or more, and 60 s a model); default ${DEFAULT-VALUE}.")
  private String protocol = "quick";

  @Option(names = "--json", paramLabel = "FILE", description = "Where to write all figures.")
  private @Nullable Path json;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, MeasurementFailed, InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command's description");
    }
    MeasurementProtocol chosen;
    try {
      chosen = MeasurementProtocol.named(protocol, threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (chosen.minMillis() >= 1000) {
      err.printf("measuring for at least %d s%n", (long) chosen.minMillis() * models.size() / 1000);
      err.flush();
    }
    List<Outcome> outcomes;
    try (CpuBackend backend = CpuBackend.start(CpuBackend.Settings.usual())) {
      outcomes = backend.measureTogether(models, chosen);
    }
    out.printf(
        "%10s %10s %10s %8s %8s %9s %9s  %s%n",
        "p50 ms", "p90 ms", "p99 ms", "MAD ms", "samples", "memory MB", "energy mJ", "model");
    boolean failed = false;
    for (int i = 0; i < outcomes.size(); i++) {
      switch (outcomes.get(i)) {
        case Outcome.Measured(Measurement m) ->
            out.printf(
                "%10.4f %10.4f %10.4f %8.4f %8d %9s %9s  %s%n",
                m.p50(),
                m.p90(),
                m.p99(),
                m.mad(),
                m.samplesMillis().length,
                told(m, Measurement.RESIDENT_BYTES, 1e6),
                told(m, Measurement.MILLIJOULES, 1),
                models.get(i));
        case Outcome.Failed(FailureKind kind, String message) -> {
          failed = true;
          err.printf("lathe: %s (%s)%n", message, kind);
        }
      }
    }
    out.flush();
    if (json != null) {
      write(json, outcomes);
    }
    return failed ? 1 : 0;
  }

  /** What the machine tells besides, in units; a dash where it does not. */
  private static String told(Measurement measurement, String name, double unit) {
    String value = measurement.environment().get(name);
    return value == null
        ? "-"
        : String.format(Locale.ROOT, "%.2f", Double.parseDouble(value) / unit);
  }

  private void write(Path file, List<Outcome> outcomes) throws IOException {
    ObjectMapper mapper = FarmJson.mapper();
    ArrayNode results = mapper.createArrayNode();
    for (int i = 0; i < outcomes.size(); i++) {
      ObjectNode result = results.addObject().put("model", models.get(i).toString());
      if (Files.isReadable(models.get(i))) {
        byte[] bytes = Files.readAllBytes(models.get(i));
        result.put("sha256", Sha256.of(bytes)).put("bytes", bytes.length);
      }
      switch (outcomes.get(i)) {
        case Outcome.Measured(Measurement measurement) ->
            result.set("measurement", mapper.valueToTree(measurement));
        case Outcome.Failed(FailureKind kind, String message) ->
            result.putObject("failure").put("kind", kind.name()).put("message", message);
      }
    }
    Files.write(
        file,
        mapper
            .writerWithDefaultPrettyPrinter()
            .writeValueAsBytes(mapper.createObjectNode().set("measurements", results)));
  }
}
