package dev.lathe.cli.gate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.remote.Connection;
import dev.lathe.cli.remote.Hash;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.command.BackendChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lets a CI pipeline go on only if a network keeps its limits. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "Ends with code 3 and the reason if a network misses a limit, with 0 if it keeps all.",
      "Figures are those of a service (latency: its newest measurement on the device); bytes,",
      "parameters and macs of a file are those of the file, without a service; with --here figures are",
      "those that this machine measures now, as latency@here. --against compares with another",
      "network, measured in turns; only what is slower beyond doubt fails.",
      "",
      "Example: ./lathe gate --artifact 12 --limit 'latency@pi<=20' --limit 'accuracy>=0.9'",
      "Example: ./lathe gate --here --artifact new.onnx --against good.onnx --budget budget.yaml --junit gate.xml"
    })
public final class GateCommand implements Callable<Integer> {
  private static final int MISSED = 3;
  private static final Set<String> OF_A_FILE = Set.of("bytes", "parameters", "macs");
  private static final Map<String, String> ALWAYS_A_FIGURE =
      Map.of("max-drift", "1e9", "repeats", "2");

  @Mixin private final Connection connection = new Connection();

  @Option(
      names = "--artifact",
      required = true,
      paramLabel = "ID|FILE",
      description = "id of an artifact of the service, or a file")
  private String artifact = "";

  @Option(names = "--device", description = "on which the latency was measured")
  private @Nullable String device;

  @Option(names = "--max-latency-ms", description = "of the median, in milliseconds")
  private @Nullable Double maxLatencyMillis;

  @Option(names = "--max-bytes", description = "of the file")
  private @Nullable Long maxBytes;

  @Option(names = "--min-accuracy", description = "on test images, 0 to 1")
  private @Nullable Double minAccuracy;

  @Option(
      names = "--limit",
      paramLabel = "LIMIT",
      description = "'METRIC<=BOUND' or 'METRIC>=BOUND'; may be repeated")
  private List<String> limits = List.of();

  @Option(
      names = "--budget",
      paramLabel = "FILE",
      description = "limits in a file: 'limits: [{metric: bytes, atMost: 1000000}]'")
  private @Nullable Path budget;

  @Option(names = "--here", description = "measure files on this machine, without a service")
  private boolean here;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description = "with --here: the last good file, measured in turns with the new one")
  private @Nullable Path against;

  @Option(
      names = "--tolerance",
      defaultValue = "0.03",
      description = "how much slower than the other is tolerated; ${DEFAULT-VALUE} by default")
  private double tolerance = 0.03;

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "in which files are measured with --here; ${DEFAULT-VALUE} by default")
  private int rounds = 15;

  @Option(names = "--junit", paramLabel = "FILE", description = "write the findings as JUnit's XML")
  private @Nullable Path junit;

  @Option(names = "--markdown", paramLabel = "FILE", description = "write the findings as a table")
  private @Nullable Path markdown;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Limit> wanted = wanted();
    if (wanted.isEmpty() && against == null) {
      throw usage(
          "there is no limit to check. Maybe --max-latency-ms, --max-bytes, --min-accuracy, --limit or --budget.");
    }
    if (against != null && !here) {
      throw usage("--against needs --here: both files are measured now, in turns.");
    }
    List<Finding> findings = new ArrayList<>();
    Map<String, Double> figures =
        here
            ? measured(findings)
            : isTold(wanted) ? MeasuredHere.ofFile(Path.of(artifact)) : known(connection.client());
    for (Limit limit : wanted) {
      Double value = figures.get(limit.metric());
      if (value == null) {
        throw new IOException(unknown(limit.metric(), figures));
      }
      findings.addFirst(limit.judge(value));
    }
    if (junit != null) {
      GateReports.junit(junit, artifact, findings);
    }
    if (markdown != null) {
      GateReports.markdown(markdown, artifact, findings);
    }
    var err = Objects.requireNonNull(spec).commandLine().getErr();
    findings.stream()
        .filter(finding -> !finding.passed())
        .forEach(finding -> err.println("lathe gate: missed: " + finding.text()));
    err.flush();
    if (findings.stream().allMatch(Finding::passed)) {
      findings.forEach(finding -> System.out.println(finding.text()));
      System.out.println("passed");
      return 0;
    }
    return MISSED;
  }

  /** Whether a file alone tells all that is limited, so that no service need be asked. */
  private boolean isTold(List<Limit> wanted) {
    return Files.isRegularFile(Path.of(artifact))
        && wanted.stream().map(Limit::metric).allMatch(OF_A_FILE::contains);
  }

  private List<Limit> wanted() throws IOException {
    List<Limit> wanted = new ArrayList<>();
    if (maxLatencyMillis != null) {
      if (device == null && !here) {
        throw usage("--max-latency-ms needs --device.");
      }
      wanted.add(
          new Limit("latency@" + (here ? MeasuredHere.DEVICE : device), true, maxLatencyMillis));
    }
    if (maxBytes != null) {
      wanted.add(new Limit("bytes", true, maxBytes));
    }
    if (minAccuracy != null) {
      wanted.add(new Limit("accuracy", false, minAccuracy));
    }
    for (String limit : limits) {
      try {
        wanted.add(Limit.parse(limit));
      } catch (IllegalArgumentException e) {
        throw usage(e.getMessage());
      }
    }
    if (budget != null) {
      wanted.addAll(Limit.budget(budget));
    }
    return wanted;
  }

  private String unknown(String metric, Map<String, Double> figures) {
    int at = metric.indexOf('@');
    return at > 0 && !here
        ? "artifact %s was never measured on device '%s' for %s. Maybe see ./lathe device list."
            .formatted(artifact, metric.substring(at + 1), metric)
        : "'%s' is not known of %s, only %s.".formatted(metric, artifact, figures.keySet());
  }

  /** Figures taken now; adds the comparison with the other file. */
  private Map<String, Double> measured(List<Finding> findings)
      throws IOException, InterruptedException {
    if (rounds < 3 || !(tolerance >= 0)) {
      throw usage("--rounds must be at least 3, and --tolerance at least 0.");
    }
    List<Path> files = new ArrayList<>(List.of(Path.of(artifact)));
    if (against != null) {
      files.add(against);
    }
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new IOException("there is no file '%s'.".formatted(file));
      }
    }
    MeasuredHere found;
    try (MeasurementBackend backend =
        new BackendChoice().open(BackendChoice.usersHistory(), ALWAYS_A_FIGURE)) {
      found = MeasuredHere.of(files, rounds, backend);
    } catch (MeasurementFailed e) {
      throw new IOException("this machine cannot measure: " + e.getMessage(), e);
    }
    if (against != null) {
      findings.add(
          PairedBootstrap.of(found.p50()[1], found.p50()[0], new Random(1))
              .judge("latency@" + MeasuredHere.DEVICE, tolerance));
    }
    return found.figures().getFirst();
  }

  /** What the service knows of the artifact. */
  private Map<String, Double> known(ServiceClient client) throws IOException {
    JsonNode known = find(client);
    Map<String, Double> figures = new LinkedHashMap<>();
    for (String metric : List.of("bytes", "parameters", "macs")) {
      if (known.path(metric).isNumber()) {
        figures.put(metric, known.path(metric).asDouble());
      }
    }
    for (String field : List.of("validationAccuracy", "testAccuracy")) {
      if (known.path(field).isNumber()) {
        figures.put("accuracy", known.path(field).asDouble());
      }
    }
    for (JsonNode latency : known.path("latencies")) {
      String on = "@" + latency.path("device").asText();
      figures.putIfAbsent("latency" + on, latency.path("p50").asDouble());
      if (latency.path("p90").isNumber()) {
        figures.putIfAbsent("latency.p90" + on, latency.path("p90").asDouble());
      }
    }
    return figures;
  }

  private JsonNode find(ServiceClient client) throws IOException {
    Path file = Path.of(artifact);
    if (!Files.isRegularFile(file)) {
      if (!artifact.matches("\\d+")) {
        throw new IOException(
            "'%s' is neither a file nor an id. Maybe see ./lathe search front."
                .formatted(artifact));
      }
      return client.get("artifacts/" + artifact);
    }
    JsonNode same = client.get("artifacts?sha256=" + Hash.of(file));
    if (same.isEmpty()) {
      throw new IOException(
          "the service does not know the content of '%s'. Maybe it comes from another service, or measure it with --here."
              .formatted(file));
    }
    return same.get(0);
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
