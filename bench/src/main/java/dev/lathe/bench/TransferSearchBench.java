package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TabularSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench transfer}: a search that predicts the latencies of a new device. */
@Command(
    name = "transfer",
    mixinStandardHelpOptions = true,
    description = {
      "Searches on a table for a new device, once with every latency measured and once with a few-shot"
          + " predictor that knows other devices; compares the fronts by their true hypervolumes.",
      "Example: ./lathe bench transfer --table nasbench201.csv.gz --maximize"
          + " cifar100_test_accuracy_percent --device raspi4 --sources 1080ti_1,pixel3,silver_4114"
          + " --algorithm nsga2 --evaluations 500 --measurements 50 --seed 1 --seeds 10 --json out.json"
    })
final class TransferSearchBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--table", required = true, description = "CSV file, plain or gzipped.")
  private Path table;

  @Option(names = "--maximize", required = true, description = "Metric to maximize, 0 at worst.")
  private String maximize;

  @Option(
      names = "--device",
      required = true,
      description = "Latency of the new device; '_latency_ms' may be left out.")
  private String device;

  @Option(
      names = "--sources",
      split = ",",
      required = true,
      description = "Latencies of other devices, known on the first 900 rows.")
  private List<String> sources = new ArrayList<>();

  @Option(names = "--algorithm", defaultValue = "nsga2", description = "${DEFAULT-VALUE}")
  private String algorithm;

  @Option(
      names = "--evaluations",
      defaultValue = "500",
      description = "Networks whose accuracy is read, in each search (${DEFAULT-VALUE}).")
  private int evaluations;

  @Option(
      names = "--measurements",
      defaultValue = "50",
      description = "Latencies of the new device that are read (${DEFAULT-VALUE}).")
  private int measurements;

  @Option(
      names = "--samples",
      defaultValue = "10",
      description = "How many of these before the search (${DEFAULT-VALUE}).")
  private int samples;

  @Option(names = "--seed", defaultValue = "1", description = "First seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--seeds", defaultValue = "1", description = "Number of runs.")
  private int seeds;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    if (samples < 1 || seeds < 1 || measurements < samples || evaluations < measurements) {
      throw wrong(
          "--evaluations %d, --measurements %d, --samples %d, --seeds %d: must fall in this order, and be >= 1."
              .formatted(evaluations, measurements, samples, seeds));
    }
    if (!Files.isRegularFile(table)) {
      throw wrong("--table %s: there is no such file.".formatted(table));
    }
    ObjectNode figures;
    try {
      figures = run(MeasurementTable.read(table));
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), figures);
    }
    return 0;
  }

  private ObjectNode run(MeasurementTable read) {
    String target = PredictorBench.metric(read, device);
    Map<String, double[]> known = new LinkedHashMap<>();
    for (String source : sources) {
      String name = PredictorBench.metric(read, source);
      if (name.equals(target)) {
        throw wrong("--sources has the new device '%s' among them.".formatted(target));
      }
      known.put(name, read.metric(name));
    }
    SearchMethod method = SearchMethod.named(algorithm);
    TableBenchmark measuring =
        new TableBenchmark(
            read,
            SearchProblem.of(
                new TabularSpace(read), Objective.maximize(maximize), Objective.minimize(target)));
    TableBenchmark.Plan plan =
        new TableBenchmark.Plan(method, evaluations, List.of(), List.of(), seed, seeds, false);
    double[] full = measuring.run(plan, (_, _) -> {}).hypervolumeShares();
    TransferSearchBenchmark predicting =
        new TransferSearchBenchmark(read, maximize, target, known, samples);
    double[] predicted = new double[seeds];
    for (int run = 0; run < seeds; run++) {
      predicted[run] =
          measuring.share(predicting.run(method, evaluations, measurements, seed + run));
      spec.commandLine()
          .getErr()
          .printf(
              Locale.ROOT,
              "seed %d: %.5f measured, %.5f predicted%n",
              seed + run,
              full[run],
              predicted[run]);
    }
    double ratio = mean(predicted) / mean(full);
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s, %s, %d evaluations, %d seeds: hypervolume share %.5f with %d measurements, %.5f with"
                + " %d and predictions: ratio %.5f%n",
            target,
            algorithm,
            evaluations,
            seeds,
            mean(full),
            evaluations,
            mean(predicted),
            measurements,
            ratio);
    spec.commandLine().getOut().flush();
    ObjectNode tree = new ObjectMapper().createObjectNode();
    tree.put("device", target).put("algorithm", algorithm).put("evaluations", evaluations);
    tree.put("measurements", measurements).put("samples", samples).put("seeds", seeds);
    shares(tree.putObject("measured"), full);
    shares(tree.putObject("predicted"), predicted);
    return tree.put("ratio", ratio);
  }

  private static void shares(ObjectNode node, double[] values) {
    node.put("mean", mean(values));
    ArrayNode all = node.putArray("values");
    Arrays.stream(values).forEach(all::add);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
