package dev.lathe.cli.farm;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.compress.Shapes;
import dev.lathe.cli.compress.SizeOption;
import dev.lathe.cli.compress.UserModel;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Reality;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.command.BackendChoice;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures ONNX files on a device, several in turns so that they compare. */
@Command(
    name = "measure",
    mixinStandardHelpOptions = true,
    description = {
      "Measures any ONNX file on this machine or a device at it, in a process of its own.",
      "Several files are measured in turns, so that their figures can be compared.",
      "Each figure has a verdict: stable, noisy, throttled or unknown, with the reason.",
      "Example: lathe measure small.onnx large.onnx --protocol full --json latency.json"
    })
public final class MeasureCommand implements Callable<Integer> {
  /** A figure with its verdict is better than none: nothing is rejected for drift. */
  private static final Map<String, String> ALWAYS_A_FIGURE =
      Map.of("max-drift", "1e9", "repeats", "2");

  @Mixin private BackendChoice choice = new BackendChoice();

  @Parameters(arity = "0..*", paramLabel = "MODEL", description = "ONNX files.")
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

  @Mixin private SizeOption size = new SizeOption();

  @Option(names = "--json", paramLabel = "FILE", description = "Where to write all figures.")
  private @Nullable Path json;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, MeasurementFailed, InterruptedException {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command's description");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (choice.listed(out)) {
      return 0;
    }
    if (models.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "there is no model. Maybe name an ONNX file.");
    }
    MeasurementProtocol chosen;
    try {
      chosen = MeasurementProtocol.named(protocol, threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    PrintWriter err = spec.commandLine().getErr();
    if (chosen.minMillis() >= 1000) {
      err.printf("measuring for at least %d s%n", (long) chosen.minMillis() * models.size() / 1000);
      err.flush();
    }
    List<Optional<Shaped>> shaped = shapes();
    for (int i = 0; i < models.size(); i++) {
      for (String line : shaped.get(i).map(Shaped::described).orElse(List.of())) {
        out.printf("%s: input %s%n", models.get(i), line);
      }
    }
    out.flush();
    List<Outcome> outcomes;
    DeviceFacts device;
    try (MeasurementBackend backend = choice.open(BackendChoice.usersHistory(), ALWAYS_A_FIGURE)) {
      device = backend.facts();
      outcomes =
          backend.measureTogether(
              models,
              chosen,
              shaped.stream().map(s -> s.map(Shaped::dims).orElse(Map.of())).toList());
    }
    if (device.reality() != Reality.REAL) {
      out.printf("%s: these figures are %s%n", device.processor(), device.reality().word());
    }
    out.printf(
        "%10s %10s %10s %10s %8s %8s %9s %9s %9s %-9s  %s%n",
        "p50 ms",
        "p90 ms",
        "p95 ms",
        "p99 ms",
        "MAD ms",
        "samples",
        "cold ms",
        "memory MB",
        "energy mJ",
        "verdict",
        "model");
    boolean failed = false;
    for (int i = 0; i < outcomes.size(); i++) {
      switch (outcomes.get(i)) {
        case Outcome.Measured(Measurement m) ->
            out.printf(
                "%10.4f %10.4f %10.4f %10.4f %8.4f %8d %9s %9s %9s %-9s  %s%n",
                m.p50(),
                m.p90(),
                m.percentiles().p95(),
                m.p99(),
                m.mad(),
                m.samplesMillis().length,
                told(m, Measurement.COLD_START),
                told(m, Measurement.PEAK_MEMORY),
                told(m, Measurement.ENERGY),
                m.verdict().level().word(),
                models.get(i));
        case Outcome.Failed(FailureKind kind, String message) -> {
          failed = true;
          err.printf("lathe: %s (%s)%n", message, kind);
        }
      }
    }
    others(out, outcomes);
    out.flush();
    if (json != null) {
      write(json, device, outcomes, shaped);
    }
    return failed ? 1 : 0;
  }

  /** What the table has no column for: reasons, and figures that only some devices know. */
  private void others(PrintWriter out, List<Outcome> outcomes) {
    for (int i = 0; i < outcomes.size(); i++) {
      if (outcomes.get(i) instanceof Outcome.Measured(Measurement m)) {
        if (!m.verdict().isStable()) {
          out.printf(
              "%s is %s: %s%n", models.get(i), m.verdict().level().word(), m.verdict().reason());
        }
        Map<String, Double> more = new TreeMap<>(m.figures());
        more.keySet()
            .removeAll(
                Set.of(
                    Measurement.LOAD,
                    Measurement.FIRST_RUN,
                    Measurement.COLD_START,
                    Measurement.PEAK_MEMORY,
                    Measurement.ENERGY));
        if (!more.isEmpty()) {
          out.printf("%s: %s%n", models.get(i), more);
        }
      }
    }
  }

  /** What the device tells besides; a dash where it does not. */
  private static String told(Measurement measurement, String name) {
    OptionalDouble value = measurement.figure(name);
    return value.isPresent() ? String.format(Locale.ROOT, "%.2f", value.getAsDouble()) : "-";
  }

  /**
   * The shapes with which a model is measured.
   *
   * @param dims of its inputs by name
   * @param described for people
   */
  private record Shaped(Map<String, long[]> dims, List<String> described) {}

  /**
   * Of each model, where it can be read: who cannot be is refused by the back end, with the reason.
   * A size must be one of at least one model's.
   */
  private List<Optional<Shaped>> shapes() {
    Set<String> unknown = new LinkedHashSet<>(size.sizes().keySet());
    List<Optional<OnnxGraph>> graphs = new ArrayList<>();
    for (Path model : models) {
      graphs.add(read(model));
      graphs.getLast().ifPresent(graph -> unknown.removeAll(InputShapes.names(graph)));
    }
    List<Optional<Shaped>> shaped = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Path file = models.get(i);
      shaped.add(
          graphs
              .get(i)
              .map(
                  graph -> {
                    Map<String, Long> said = new LinkedHashMap<>(size.sizes());
                    said.keySet()
                        .removeIf(
                            name ->
                                !unknown.contains(name)
                                    && !InputShapes.names(graph).contains(name));
                    return shaped(file, graph, said);
                  }));
    }
    return shaped;
  }

  private static Optional<OnnxGraph> read(Path file) {
    try {
      return Optional.of(OnnxGraph.read(file));
    } catch (OnnxException e) {
      return Optional.empty();
    }
  }

  /** Where sizes have to be chosen, the largest of the defaults with which the model runs. */
  private static Shaped shaped(Path file, OnnxGraph graph, Map<String, Long> said) {
    InputShapes shapes = InputShapes.of(graph, said);
    if (!shapes.defaults().isEmpty()) {
      shapes = UserModel.read(file, said).shapes();
    }
    return new Shaped(Shapes.of(graph, shapes, 1), shapes.described(graph, 1));
  }

  private void write(
      Path file, DeviceFacts device, List<Outcome> outcomes, List<Optional<Shaped>> shaped)
      throws IOException {
    ObjectMapper mapper = FarmJson.mapper();
    ObjectNode tree = mapper.createObjectNode();
    tree.set("device", mapper.valueToTree(device));
    ArrayNode results = tree.putArray("measurements");
    for (int i = 0; i < outcomes.size(); i++) {
      ObjectNode result = results.addObject().put("model", models.get(i).toString());
      if (Files.isReadable(models.get(i))) {
        result.put("sha256", Sha256.of(models.get(i))).put("bytes", Files.size(models.get(i)));
      }
      shaped.get(i).ifPresent(s -> result.set("shapes", mapper.valueToTree(s.dims())));
      switch (outcomes.get(i)) {
        case Outcome.Measured(Measurement m) -> {
          result
              .put("p50", m.p50())
              .put("p90", m.p90())
              .put("p95", m.percentiles().p95())
              .put("p99", m.p99())
              .put("outliers", m.outliers())
              .put("verdict", m.verdict().level().word())
              .put("verdictReason", m.verdict().reason());
          m.figure(Measurement.COLD_START).ifPresent(ms -> result.put("coldMillis", ms));
          m.figure(Measurement.PEAK_MEMORY).ifPresent(mb -> result.put("peakMegabytes", mb));
          result.set("measurement", mapper.valueToTree(m));
        }
        case Outcome.Failed(FailureKind kind, String message) ->
            result.putObject("failure").put("kind", kind.name()).put("message", message);
      }
    }
    Files.write(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree));
  }
}
