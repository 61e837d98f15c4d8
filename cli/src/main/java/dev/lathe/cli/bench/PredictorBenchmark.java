package dev.lathe.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Agreement;
import dev.lathe.latency.table.AdditiveTable;
import dev.lathe.latency.table.ArchitectureLatency;
import dev.lathe.latency.table.GeneEncoding;
import dev.lathe.latency.table.GeneRegression;
import dev.lathe.latency.table.MeasuredArchitecture;
import dev.lathe.latency.table.SourceDevices;
import dev.lathe.latency.table.TransferKnowledge;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.table.MeasurementTable;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Predicts a column of a table from some of its rows, seed after seed. The predictor sees genes,
 * the drawn rows of the target and the source columns on the pool's rows, nothing else.
 */
final class PredictorBenchmark {
  private static final int TEST_ROWS = 1000;
  private static final int POOL_ROWS = 900;
  private static final int LARGE_TABLE = 10_000;
  private static final String KNOWLEDGE = "what transfers";

  /** Which rows are seen and which are tested. */
  enum Protocol {
    HELP,
    RANDOM
  }

  /** Kinds of predictor. */
  enum Family {
    TRANSFER,
    REGRESSION,
    TABLE
  }

  private final MeasurementTable table;
  private final String device;
  private final double[] target;
  private final GeneEncoding encoding;
  private final Map<String, double[]> sources;
  private final int samples;
  private final Protocol protocol;
  private final Family family;
  private final int pool;

  PredictorBenchmark(
      MeasurementTable table,
      String device,
      Map<String, double[]> sources,
      int samples,
      Protocol protocol,
      Family family) {
    this.table = table;
    this.device = device;
    this.target = table.metric(device);
    this.encoding = GeneEncoding.of(table.genes());
    this.samples = samples;
    this.protocol = protocol;
    this.family = family;
    this.pool = table.rows() >= LARGE_TABLE ? POOL_ROWS : table.rows() - TEST_ROWS;
    if (pool < POOL_ROWS && (protocol == Protocol.HELP || family == Family.TRANSFER)) {
      throw new IllegalArgumentException(
          "table '%s' has %d rows, too few for a pool of %d and a test of %d."
              .formatted(table.name(), table.rows(), POOL_ROWS, TEST_ROWS));
    }
    if (family == Family.TRANSFER && sources.isEmpty()) {
      throw new IllegalArgumentException(
          "family transfer needs other devices. Maybe give --sources METRIC,METRIC.");
    }
    Map<String, double[]> onPool = new LinkedHashMap<>();
    sources.forEach((name, values) -> onPool.put(name, Arrays.copyOf(values, pool)));
    this.sources = onPool;
  }

  Figures run(long firstSeed, int seeds) {
    long start = System.nanoTime();
    Optional<TransferKnowledge> knowledge =
        family == Family.TRANSFER ? Optional.of(learn()) : Optional.empty();
    double learning = seconds(start);
    List<Run> runs = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      runs.add(run(new RandomStreams(seed).at("target rows", 0), knowledge));
    }
    double fitting = runs.stream().mapToDouble(Run::seconds).average().orElseThrow();
    return new Figures(device, samples, family, runs, learning + fitting);
  }

  private TransferKnowledge learn() {
    List<Architecture> architectures =
        IntStream.range(0, pool).mapToObj(table::architecture).toList();
    return TransferKnowledge.learn(
        encoding, new SourceDevices(architectures, sources), samples, KNOWLEDGE.hashCode());
  }

  private Run run(RandomGenerator random, Optional<TransferKnowledge> knowledge) {
    int[] drawable =
        switch (protocol) {
          case HELP -> trimmed(0, pool);
          case RANDOM -> finite();
        };
    if (samples >= drawable.length) {
      throw new IllegalArgumentException(
          "--samples is %d but only %d rows can be drawn.".formatted(samples, drawable.length));
    }
    for (int i = 0; i < samples; i++) {
      int j = i + random.nextInt(drawable.length - i);
      int swap = drawable[i];
      drawable[i] = drawable[j];
      drawable[j] = swap;
    }
    int[] test =
        switch (protocol) {
          case HELP -> trimmed(pool, pool + TEST_ROWS);
          case RANDOM -> Arrays.copyOfRange(drawable, samples, drawable.length);
        };
    List<MeasuredArchitecture> seen = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      seen.add(new MeasuredArchitecture(table.architecture(drawable[i]), target[drawable[i]]));
    }
    long start = System.nanoTime();
    ArchitectureLatency predictor =
        switch (family) {
          case TRANSFER -> knowledge.orElseThrow().fit(seen);
          case REGRESSION -> GeneRegression.fit(encoding, seen);
          case TABLE -> AdditiveTable.fit(encoding, seen);
        };
    double fitting = seconds(start);
    double[] predicted = new double[test.length];
    double[] measured = new double[test.length];
    double[] widths = new double[test.length];
    int covered = 0;
    for (int i = 0; i < test.length; i++) {
      Estimate estimate = predictor.predict(table.architecture(test[i]));
      predicted[i] = estimate.millis();
      measured[i] = target[test[i]];
      widths[i] = estimate.relativeWidth();
      covered += estimate.contains(measured[i]) ? 1 : 0;
    }
    Arrays.sort(widths);
    return new Run(
        Agreement.of(predicted, measured),
        (double) covered / test.length,
        widths[test.length / 2],
        fitting);
  }

  /** Rows of a range without the tenth of the fastest and of the slowest. */
  private int[] trimmed(int from, int to) {
    int cut = (to - from) / 10;
    return IntStream.range(from, to)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer row) -> target[row]).thenComparing(row -> row))
        .skip(cut)
        .limit(to - from - 2L * cut)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private int[] finite() {
    return IntStream.range(0, target.length).filter(row -> Double.isFinite(target[row])).toArray();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private record Run(Agreement agreement, double coverage, double medianWidth, double seconds) {}

  /** Figures of all runs. */
  record Figures(String device, int samples, Family family, List<Run> runs, double secondsPerFit) {
    ObjectNode toJson(ObjectMapper mapper) {
      ObjectNode json =
          mapper
              .createObjectNode()
              .put("device", device)
              .put("samples", samples)
              .put("family", family.name().toLowerCase(Locale.ROOT));
      values(json, "spearman", run -> run.agreement().spearman());
      values(json, "kendall", run -> run.agreement().kendall());
      values(json, "within10", run -> run.agreement().within10());
      values(json, "mape", run -> run.agreement().mape());
      values(json, "coverage90", Run::coverage);
      json.putObject("intervalWidth").put("median", medianWidth());
      return json.put("maxErrorMillis", maxErrorMillis()).put("secondsPerFit", secondsPerFit);
    }

    void print(PrintWriter out) {
      out.printf(
          Locale.ROOT,
          "%s, %s from %d samples, %d runs: Spearman %.4f, Kendall %.4f, within 10 %% %.3f,"
              + " mean error %.4f, coverage %.3f, interval width %.3f, largest error %.6f ms,"
              + " %.2f s a fit%n",
          device,
          family.name().toLowerCase(Locale.ROOT),
          samples,
          runs.size(),
          mean(run -> run.agreement().spearman()),
          mean(run -> run.agreement().kendall()),
          mean(run -> run.agreement().within10()),
          mean(run -> run.agreement().mape()),
          mean(Run::coverage),
          medianWidth(),
          maxErrorMillis(),
          secondsPerFit);
      out.flush();
    }

    private void values(ObjectNode json, String name, ToDoubleFunction<Run> figure) {
      ObjectNode node = json.putObject(name).put("mean", mean(figure));
      ArrayNode all = node.putArray("values");
      runs.forEach(run -> all.add(figure.applyAsDouble(run)));
    }

    private double mean(ToDoubleFunction<Run> figure) {
      return runs.stream().mapToDouble(figure).average().orElseThrow();
    }

    /** Median over the runs of the median width, as a share of the estimate. */
    private double medianWidth() {
      double[] sorted = runs.stream().mapToDouble(Run::medianWidth).sorted().toArray();
      return sorted[sorted.length / 2];
    }

    private double maxErrorMillis() {
      return runs.stream().mapToDouble(run -> run.agreement().maxError()).max().orElseThrow();
    }
  }
}
