package dev.lathe.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.Direction;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.RecordedEvaluations;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.evolution.front.IgdPlus;
import dev.lathe.evolution.front.NonDominatedSort;
import dev.lathe.space.Architecture;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TabularSpace;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Searches on a table, judged by the exact front of all its rows. */
final class TableBenchmark {
  private final SearchProblem problem;
  private final RecordedEvaluations recorded;
  private final double[] reference;
  private final double[][] exactFront;
  private final double exactVolume;
  private final double[] scale;

  TableBenchmark(MeasurementTable table, List<Objective> objectives) {
    this.problem = new SearchProblem(new TabularSpace(table), objectives, List.of());
    this.recorded =
        new RecordedEvaluations(table, objectives.stream().map(Objective::name).toList());
    double[][] costs = costs(recorded.all());
    if (costs.length == 0) {
      throw new IllegalArgumentException(
          "table '%s' has no row with all of these metrics.".formatted(table.name()));
    }
    this.reference = new double[objectives.size()];
    for (int m = 0; m < reference.length; m++) {
      int objective = m;
      reference[m] =
          objectives.get(m).direction() == Direction.MAXIMIZE
              ? 0
              : Arrays.stream(costs).mapToDouble(point -> point[objective]).max().orElseThrow();
    }
    int[] front = NonDominatedSort.nonDominated(costs);
    this.exactFront = IntStream.of(front).mapToObj(i -> costs[i]).toArray(double[][]::new);
    this.exactVolume = Hypervolume.of(exactFront, reference);
    this.scale = ranges(exactFront);
  }

  /** What the runs found, one value a seed. */
  record Figures(
      String algorithm,
      int evaluations,
      int seeds,
      double[] hypervolumeShares,
      double[] igdPlus,
      Map<String, double[]> best,
      double evaluationsPerSecond,
      double secondsPerRun) {
    ObjectNode toJson(ObjectMapper mapper) {
      ObjectNode node = mapper.createObjectNode();
      node.put("algorithm", algorithm).put("evaluations", evaluations).put("seeds", seeds);
      if (hypervolumeShares.length > 0) {
        series(node.putObject("hypervolumeShare"), hypervolumeShares)
            .put("min", Arrays.stream(hypervolumeShares).min().orElseThrow());
        series(node.putObject("igdPlus"), igdPlus);
      }
      ObjectNode bests = node.putObject("best");
      best.forEach((metric, values) -> series(bests.putObject(metric), values));
      return node.put("evaluationsPerSecond", evaluationsPerSecond)
          .put("secondsPerRun", secondsPerRun);
    }

    private static ObjectNode series(ObjectNode node, double[] values) {
      node.put("mean", mean(values));
      ArrayNode all = node.putArray("values");
      Arrays.stream(values).forEach(all::add);
      return node;
    }

    void print(PrintWriter out) {
      out.printf("%s, %d evaluations, %d seeds%n", algorithm, evaluations, seeds);
      if (hypervolumeShares.length > 0) {
        out.printf(
            "  hypervolume share  mean %.5f  min %.5f%n",
            mean(hypervolumeShares), Arrays.stream(hypervolumeShares).min().orElseThrow());
        out.printf("  IGD+               mean %.5f%n", mean(igdPlus));
      }
      best.forEach((metric, values) -> out.printf("  best %s  mean %.4f%n", metric, mean(values)));
      out.printf("  %.0f evaluations/s, %.3f s a run%n", evaluationsPerSecond, secondsPerRun);
      out.flush();
    }
  }

  Figures run(SearchMethod method, int evaluations, long seed, int seeds, boolean repeats) {
    boolean front = problem.objectives().size() > 1;
    double[] shares = new double[front ? seeds : 0];
    double[] distances = new double[front ? seeds : 0];
    Map<String, double[]> best = new LinkedHashMap<>();
    problem.objectives().forEach(objective -> best.put(objective.name(), new double[seeds]));
    warmUp(method, evaluations, repeats);
    long nanos = 0;
    long total = 0;
    for (int run = 0; run < seeds; run++) {
      Search search = start(method, seed + run, repeats);
      long start = System.nanoTime();
      List<Evaluation> read = read(search, evaluations);
      nanos += System.nanoTime() - start;
      total += read.size();
      double[][] costs = costs(read);
      if (costs.length == 0) {
        throw new IllegalStateException(
            "seed %d: none of %d evaluations has a row in the table. Maybe its genes span more than its rows."
                .formatted(seed + run, read.size()));
      }
      if (front) {
        shares[run] = Hypervolume.of(costs, reference) / exactVolume;
        int[] kept = NonDominatedSort.nonDominated(costs);
        double[][] archive = IntStream.of(kept).mapToObj(i -> costs[i]).toArray(double[][]::new);
        distances[run] = IgdPlus.of(archive, exactFront, scale);
      }
      for (int m = 0; m < problem.objectives().size(); m++) {
        int objective = m;
        Objective what = problem.objectives().get(m);
        double lowest = Arrays.stream(costs).mapToDouble(p -> p[objective]).min().orElseThrow();
        best.get(what.name())[run] = what.direction().cost(lowest);
      }
    }
    double seconds = nanos / 1e9;
    return new Figures(
        method.name(),
        evaluations,
        seeds,
        shares,
        distances,
        best,
        total / seconds,
        seconds / seeds);
  }

  /** Hypervolume of these networks' rows as a share of that of the exact front. */
  double share(List<Architecture> architectures) {
    return Hypervolume.of(costs(architectures.stream().map(recorded::evaluate).toList()), reference)
        / exactVolume;
  }

  private Search start(SearchMethod method, long seed, boolean repeats) {
    return repeats
        ? Search.startWithRepeats(method, problem, seed)
        : Search.start(method, problem, seed);
  }

  /** Runs until the compiler had its chance: two seconds, but at least one whole run. */
  private void warmUp(SearchMethod method, int evaluations, boolean repeats) {
    long end = System.nanoTime() + 2_000_000_000L;
    long seed = -1;
    do {
      read(start(method, seed--, repeats), evaluations);
    } while (System.nanoTime() < end);
  }

  /** Lets a search read rows until it has had its evaluations, or there is nothing left to ask. */
  private List<Evaluation> read(Search search, int evaluations) {
    List<Evaluation> read = new ArrayList<>(evaluations);
    while (read.size() < evaluations) {
      List<Architecture> asked = search.ask(Math.min(search.batch(), evaluations - read.size()));
      if (asked.isEmpty()) {
        break;
      }
      List<Evaluation> results = new ArrayList<>(asked.size());
      for (Architecture architecture : asked) {
        results.add(recorded.evaluate(architecture));
      }
      search.tell(results);
      read.addAll(results);
    }
    return read;
  }

  private double[][] costs(List<Evaluation> evaluations) {
    List<double[]> costs = new ArrayList<>(evaluations.size());
    for (Evaluation evaluation : evaluations) {
      if (evaluation instanceof Evaluation.Measured measured) {
        costs.add(problem.costs(measured.metrics()));
      }
    }
    return costs.toArray(double[][]::new);
  }

  private static double[] ranges(double[][] front) {
    double[] ranges = new double[front[0].length];
    for (int m = 0; m < ranges.length; m++) {
      int objective = m;
      double low = Arrays.stream(front).mapToDouble(point -> point[objective]).min().orElseThrow();
      double high = Arrays.stream(front).mapToDouble(point -> point[objective]).max().orElseThrow();
      ranges[m] = high > low ? high - low : 1;
    }
    return ranges;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
