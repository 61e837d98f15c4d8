package dev.lathe.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.AgingEvolution;
import dev.lathe.evolution.Nsga2;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.PredictorSearch;
import dev.lathe.evolution.RandomSearch;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.UNsga3;
import dev.lathe.space.table.MeasurementTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench search}: how good a search method is on a table whose exact front is known. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a search method on a table of recorded measurements, and compares what it found with the"
          + " table's exact front.",
      "Example: ./lathe bench search --table nasbench201.csv.gz --maximize"
          + " cifar100_test_accuracy_percent --minimize pixel3_latency_ms --algorithm nsga2"
          + " --evaluations 500 --seed 1 --seeds 20 --json out.json"
    })
final class SearchBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--table", required = true, description = "CSV file, plain or gzipped.")
  private Path table;

  @Option(names = "--maximize", split = ",", description = "Metric to maximize, 0 at worst.")
  private List<String> maximize = new ArrayList<>();

  @Option(names = "--minimize", split = ",", description = "Metrics to minimize.")
  private List<String> minimize = new ArrayList<>();

  @Option(
      names = "--algorithm",
      required = true,
      description = "The search method: random, aging, nsga2, unsga3, predictor.")
  private String algorithm;

  @Option(names = "--evaluations", required = true, description = "Evaluations a run.")
  private int evaluations;

  @Option(names = "--seed", defaultValue = "1", description = "First seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--seeds", defaultValue = "1", description = "Number of runs.")
  private int seeds;

  @Option(
      names = "--allow-repeats",
      description =
          "Let an architecture be asked for again, to measure speed; nsga2's population is then 100.")
  private boolean repeats;

  @Option(names = "--population", description = "Population of aging, nsga2 and unsga3.")
  private @Nullable Integer population;

  @Option(names = "--json", description = "Where to write the figures.")
  private Path json;

  @Override
  public Integer call() throws IOException {
    if (maximize.isEmpty() && minimize.isEmpty()) {
      throw wrong("nothing to search for. Maybe give --maximize METRIC.");
    }
    if (evaluations < 1 || seeds < 1) {
      throw wrong(
          "--evaluations is %d and --seeds %d, both must be >= 1.".formatted(evaluations, seeds));
    }
    if (!Files.isRegularFile(table)) {
      throw wrong("--table %s: there is no such file.".formatted(table));
    }
    List<Objective> objectives = new ArrayList<>();
    maximize.forEach(metric -> objectives.add(Objective.maximize(bare(metric))));
    minimize.forEach(metric -> objectives.add(Objective.minimize(bare(metric))));
    TableBenchmark benchmark;
    SearchMethod method;
    try {
      method = method();
      benchmark = new TableBenchmark(MeasurementTable.read(table), objectives);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    TableBenchmark.Figures figures = benchmark.run(method, evaluations, seed, seeds, repeats);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode tree = figures.toJson(mapper);
    if (json != null) {
      mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), tree);
    }
    figures.print(spec.commandLine().getOut());
    return 0;
  }

  private SearchMethod method() {
    SearchMethod standard = SearchMethod.named(algorithm);
    if (population == null) {
      return repeats && standard instanceof Nsga2(_, double crossover, double mutations)
          ? new Nsga2(100, crossover, mutations)
          : standard;
    }
    return switch (standard) {
      case AgingEvolution aging ->
          new AgingEvolution(population, Math.min(aging.sample(), population));
      case Nsga2 nsga2 -> new Nsga2(population, nsga2.crossover(), nsga2.mutations());
      case UNsga3 unsga3 -> new UNsga3(population, unsga3.crossover(), unsga3.mutations());
      case RandomSearch _, PredictorSearch _ ->
          throw wrong("--population: '%s' has none. Maybe leave it out.".formatted(algorithm));
    };
  }

  private static String bare(String metric) {
    return metric.startsWith("metric:") ? metric.substring("metric:".length()) : metric;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
