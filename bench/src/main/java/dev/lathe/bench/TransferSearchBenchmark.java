package dev.lathe.bench;

import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.RecordedEvaluations;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchMethod;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.latency.table.ArchitectureLatency;
import dev.lathe.latency.table.GeneEncoding;
import dev.lathe.latency.table.MeasuredArchitecture;
import dev.lathe.latency.table.SourceDevices;
import dev.lathe.latency.table.TransferKnowledge;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TabularSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Searches on a table for accuracy and the latency on a new device, of which only a few rows are
 * read: latencies come from a few-shot predictor that knows other devices. The first rows calibrate
 * it; then, several times over, a part of the search is done, and some of the networks that seem to
 * be on the front are measured, which also corrects the predictor. Only measured networks count.
 */
final class TransferSearchBenchmark {
  private static final int POOL_ROWS = 900;
  private static final int OFFERED = 300;
  private static final int ROUNDS = 4;

  private final MeasurementTable table;
  private final String metric;
  private final String device;
  private final SearchProblem problem;
  private final RecordedEvaluations accuracies;
  private final TransferKnowledge knowledge;
  private final List<Architecture> pool;
  private final double[] millis;
  private final int samples;

  /**
   * @param samples rows of the device that are measured before the search
   * @param sources columns of other devices, read on the first rows of the table
   */
  TransferSearchBenchmark(
      MeasurementTable table,
      String metric,
      String device,
      Map<String, double[]> sources,
      int samples) {
    this.table = table;
    this.metric = metric;
    this.device = device;
    this.samples = samples;
    this.millis = table.metric(device);
    this.problem =
        SearchProblem.of(
            new TabularSpace(table), Objective.maximize(metric), Objective.minimize(device));
    this.accuracies = new RecordedEvaluations(table, List.of(metric));
    int rows = Math.min(POOL_ROWS, table.rows());
    this.pool = IntStream.range(0, rows).mapToObj(table::architecture).toList();
    Map<String, double[]> onPool = new LinkedHashMap<>();
    sources.forEach((name, values) -> onPool.put(name, Arrays.copyOf(values, rows)));
    this.knowledge =
        TransferKnowledge.learn(
            GeneEncoding.of(table.genes()),
            new SourceDevices(pool, onPool),
            samples,
            PredictorBenchmark.KNOWLEDGE_SEED);
  }

  /** The networks that one search measured, {@code measurements} at most. */
  List<Architecture> run(SearchMethod method, int evaluations, int measurements, long seed) {
    Map<Architecture, Double> measured = new LinkedHashMap<>();
    List<Architecture> offered = new ArrayList<>(pool);
    Collections.shuffle(offered, Random.from(new RandomStreams(seed).at("first measured", 0)));
    knowledge
        .choose(offered.subList(0, Math.min(OFFERED, offered.size())), samples)
        .forEach(first -> measure(first, measured));
    Map<Architecture, Double> reached = new LinkedHashMap<>();
    measured.keySet().forEach(first -> reach(first, reached));
    for (int round = 1; round <= ROUNDS; round++) {
      ArchitectureLatency predictor =
          knowledge.fit(
              measured.entrySet().stream()
                  .map(entry -> new MeasuredArchitecture(entry.getKey(), entry.getValue()))
                  .toList());
      Known known = new Known(reached, measured, predictor);
      Search search = Search.start(method, problem, seed * ROUNDS + round);
      search.tell(reached.keySet().stream().map(known::evaluation).toList());
      int until = (int) ((long) evaluations * round / ROUNDS);
      while (reached.size() < until) {
        List<Architecture> asked = search.ask(Math.min(search.batch(), until - reached.size()));
        if (asked.isEmpty()) {
          break;
        }
        asked.forEach(one -> reach(one, reached));
        search.tell(asked.stream().map(known::evaluation).toList());
      }
      int left = measurements - measured.size();
      promising(search, measured, left / (ROUNDS - round + 1))
          .forEach(one -> measure(one, measured));
    }
    return List.copyOf(measured.keySet());
  }

  private void measure(Architecture architecture, Map<Architecture, Double> measured) {
    int row = table.row(architecture).orElseThrow();
    measured.put(architecture, millis[row]);
  }

  private void reach(Architecture architecture, Map<Architecture, Double> reached) {
    double accuracy =
        switch (accuracies.evaluate(architecture)) {
          case Evaluation.Measured found -> found.metrics().get(metric);
          case Evaluation.Failed _ -> Double.NaN;
        };
    reached.put(architecture, accuracy);
  }

  /** What is known of networks; a latency that is not measured is predicted. */
  private final class Known {
    private final Map<Architecture, Double> reached;
    private final Map<Architecture, Double> measured;
    private final ArchitectureLatency predictor;

    Known(
        Map<Architecture, Double> reached,
        Map<Architecture, Double> measured,
        ArchitectureLatency predictor) {
      this.reached = reached;
      this.measured = measured;
      this.predictor = predictor;
    }

    Evaluation evaluation(Architecture architecture) {
      double accuracy = reached.get(architecture);
      if (Double.isNaN(accuracy)) {
        return Evaluation.failed(architecture, "its row has no " + metric);
      }
      Double latency = measured.get(architecture);
      return Evaluation.of(
          architecture,
          Map.of(
              metric,
              accuracy,
              device,
              latency != null ? latency : predictor.predict(architecture).millis()));
    }
  }

  /** Members of the front that are not measured, spread evenly over its latencies. */
  private List<Architecture> promising(
      Search search, Map<Architecture, Double> measured, int wanted) {
    List<Evaluation.Measured> front =
        search.front().stream()
            .filter(one -> !measured.containsKey(one.architecture()))
            .sorted(Comparator.comparingDouble(one -> one.metrics().get(device)))
            .toList();
    List<Architecture> chosen = new ArrayList<>();
    int count = Math.min(wanted, front.size());
    for (int i = 0; i < count; i++) {
      chosen.add(front.get((int) ((i + 0.5) * front.size() / count)).architecture());
    }
    return chosen;
  }
}
