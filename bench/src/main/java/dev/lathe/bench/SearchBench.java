package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.evolution.AgingEvolution;
import dev.lathe.evolution.Budget;
import dev.lathe.evolution.Constraint;
import dev.lathe.evolution.Nsga2;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchMethods;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.table.CellWeights;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.RecordedSpace;
import dev.lathe.space.table.TabularSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  @Option(
      names = "--minimize",
      split = ",",
      description =
          "Metrics to minimize. weight_bytes is computed from the genes edge_A-B and bits_A-B of"
              + " quantized NAS-Bench-201 cells.")
  private List<String> minimize = new ArrayList<>();

  @Option(
      names = "--at-most",
      split = ",",
      description = "Constraints METRIC=BOUND; the exact front is that of the rows that meet them.")
  private Map<String, Double> atMost = new LinkedHashMap<>();

  @Option(names = "--at-least", split = ",", description = "Likewise, the other way round.")
  private Map<String, Double> atLeast = new LinkedHashMap<>();

  @Option(
      names = "--rows-only",
      description =
          "Ask only for rows of the table: choices that name none stand for the nearest row. For"
              + " tables with few of the rows that their genes span; without it a missing row is a"
              + " failed evaluation.")
  private boolean rowsOnly;

  @Option(
      names = "--algorithm",
      required = true,
      description = "The search method: random, aging, nsga2, unsga3, predictor.")
  private String algorithm;

  @Option(names = "--evaluations", required = true, description = "Most evaluations a run.")
  private int evaluations;

  @Option(
      names = "--checkpoints",
      split = ",",
      description = "Judge the same runs also after so many evaluations.")
  private List<Integer> checkpoints = new ArrayList<>();

  @Option(names = "--seconds", description = "Most seconds a run.")
  private @Nullable Double seconds;

  @Option(
      names = "--stagnation",
      description = "End a run when so many evaluations raised the hypervolume by less than 1e-4.")
  private @Nullable Integer stagnation;

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

  private long told = System.nanoTime();

  @Override
  public Integer call() throws IOException {
    if (maximize.isEmpty() && minimize.isEmpty()) {
      throw wrong("nothing to search for. Maybe give --maximize METRIC.");
    }
    if (evaluations < 1 || seeds < 1 || checkpoints.stream().anyMatch(c -> c < 1)) {
      throw wrong("--evaluations, --checkpoints and --seeds must be >= 1.");
    }
    if (!Files.isRegularFile(table)) {
      throw wrong("--table %s: there is no such file.".formatted(table));
    }
    TableBenchmark benchmark;
    TableBenchmark.Plan plan;
    try {
      plan =
          new TableBenchmark.Plan(
              method(), evaluations, checkpoints, budgets(), seed, seeds, repeats);
      MeasurementTable read = MeasurementTable.read(table);
      if (minimize.contains(CellWeights.METRIC) && !read.metrics().contains(CellWeights.METRIC)) {
        read = CellWeights.addedTo(read);
      }
      benchmark = new TableBenchmark(read, problem(read));
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
    SearchFigures figures = benchmark.run(plan, this::progress);
    ObjectMapper mapper = new ObjectMapper();
    if (json != null) {
      mapper.writerWithDefaultPrettyPrinter().writeValue(json.toFile(), figures.toJson(mapper));
    }
    figures.print(spec.commandLine().getOut());
    return 0;
  }

  private SearchProblem problem(MeasurementTable read) {
    SearchSpace space = rowsOnly ? new RecordedSpace(read) : new TabularSpace(read);
    List<Objective> objectives = new ArrayList<>();
    maximize.forEach(metric -> objectives.add(Objective.maximize(bare(metric))));
    minimize.forEach(metric -> objectives.add(Objective.minimize(bare(metric))));
    List<Constraint> constraints = new ArrayList<>();
    atMost.forEach((metric, bound) -> constraints.add(Constraint.atMost(bare(metric), bound)));
    atLeast.forEach((metric, bound) -> constraints.add(Constraint.atLeast(bare(metric), bound)));
    return new SearchProblem(space, objectives, constraints);
  }

  private List<Budget> budgets() {
    List<Budget> budgets = new ArrayList<>();
    if (seconds != null) {
      budgets.add(new Budget.Time(Duration.ofNanos((long) (seconds * 1e9))));
    }
    if (stagnation != null) {
      budgets.add(new Budget.Stagnation(stagnation, 1e-4));
    }
    return budgets;
  }

  /** A line now and then, where the runs take long. */
  private void progress(int done, int of) {
    if (System.nanoTime() - told > 5_000_000_000L) {
      told = System.nanoTime();
      spec.commandLine().getErr().printf("%d of %d runs%n", done, of);
      spec.commandLine().getErr().flush();
    }
  }

  private SearchMethod method() {
    SearchMethod standard = SearchMethod.named(algorithm);
    if (population == null) {
      return repeats && standard instanceof Nsga2(_, double crossover, double mutations)
          ? new Nsga2(100, crossover, mutations)
          : standard;
    }
    try {
      return standard instanceof AgingEvolution aging
          ? new AgingEvolution(population, Math.min(aging.sample(), population))
          : SearchMethods.named(algorithm).with(Map.of("population", population));
    } catch (IllegalArgumentException e) {
      throw wrong("--population: %s".formatted(e.getMessage()));
    }
  }

  private static String bare(String metric) {
    return metric.startsWith("metric:") ? metric.substring("metric:".length()) : metric;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
