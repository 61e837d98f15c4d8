package dev.lathe.bench;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.lookup.OfaMobileNetV3;
import dev.lathe.latency.lookup.OperatorTable;
import dev.lathe.latency.lookup.RecordedSum;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
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

  /** Rows among which active selection chooses. */
  private static final int OFFERED = 300;

  static final long KNOWLEDGE_SEED = "what transfers".hashCode();

  /** Which rows are seen and which are tested. */
  enum Protocol {
    HELP,
    RANDOM
  }

  /** Kinds of predictor. */
  enum Family {
    TRANSFER,
    REGRESSION,
    TABLE,
    LOOKUP
  }

  /** How the rows that are seen are chosen among those that may be. */
  enum Selection {
    DRAWN,
    ACTIVE
  }

  private final MeasurementTable table;
  private final String device;
  private final double[] target;
  private final GeneEncoding encoding;
  private final Map<String, double[]> sources;
  private final Optional<ToDoubleFunction<Architecture>> recorded;
  private final Selection selection;
  private final int samples;
  private final Protocol protocol;
  private final Family family;
  private final int pool;

  PredictorBenchmark(
      MeasurementTable table,
      String device,
      Map<String, double[]> sources,
      Optional<OperatorTable> operators,
      int samples,
      Protocol protocol,
      Selection selection,
      Family family) {
    this.table = table;
    this.device = device;
    this.target = table.metric(device);
    this.encoding = GeneEncoding.of(table.genes());
    this.samples = samples;
    this.protocol = protocol;
    this.selection = selection;
    this.family = family;
    this.recorded = operators.map(this::sums);
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
    if (family == Family.LOOKUP && operators.isEmpty()) {
      throw new IllegalArgumentException(
          "family lookup needs recorded latencies of operators. Maybe give --operators FILE.");
    }
    if (selection == Selection.ACTIVE && family != Family.TRANSFER) {
      throw new IllegalArgumentException(
          "only family transfer knows beforehand which rows tell most. Maybe leave out --selection.");
    }
    Map<String, double[]> onPool = new LinkedHashMap<>();
    sources.forEach((name, values) -> onPool.put(name, Arrays.copyOf(values, pool)));
    this.sources = onPool;
  }

  private ToDoubleFunction<Architecture> sums(OperatorTable operators) {
    OfaMobileNetV3 space = new OfaMobileNetV3(table.genes(), false);
    return architecture -> operators.sum(space.operators(architecture));
  }

  PredictorFigures run(long firstSeed, int seeds) {
    long start = System.nanoTime();
    Optional<TransferKnowledge> knowledge =
        family == Family.TRANSFER ? Optional.of(learn()) : Optional.empty();
    double learning = seconds(start);
    List<PredictorFigures.Run> runs = new ArrayList<>();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      runs.add(run(new RandomStreams(seed).at("target rows", 0), knowledge));
    }
    double fitting =
        runs.stream().mapToDouble(PredictorFigures.Run::seconds).average().orElseThrow();
    return new PredictorFigures(device, samples, family, selection, runs, learning + fitting);
  }

  private TransferKnowledge learn() {
    List<Architecture> architectures =
        IntStream.range(0, pool).mapToObj(table::architecture).toList();
    return TransferKnowledge.learn(
        encoding, new SourceDevices(architectures, sources), samples, KNOWLEDGE_SEED);
  }

  private PredictorFigures.Run run(RandomGenerator random, Optional<TransferKnowledge> knowledge) {
    int[] drawable =
        switch (protocol) {
          case HELP -> trimmed(0, pool);
          case RANDOM -> finite();
        };
    if (samples >= drawable.length) {
      throw new IllegalArgumentException(
          "--samples is %d but only %d rows can be drawn.".formatted(samples, drawable.length));
    }
    draw(
        drawable,
        selection == Selection.ACTIVE ? Math.min(OFFERED, drawable.length) : samples,
        random);
    if (selection == Selection.ACTIVE) {
      takeInformative(drawable, knowledge.orElseThrow());
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
          case LOOKUP -> RecordedSum.calibrate(recorded.orElseThrow(), seen);
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
    return new PredictorFigures.Run(
        Agreement.of(predicted, measured),
        (double) covered / test.length,
        widths[test.length / 2],
        fitting);
  }

  /** Brings {@code count} rows, drawn at random, to the front. */
  private static void draw(int[] rows, int count, RandomGenerator random) {
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(rows.length - i);
      int swap = rows[i];
      rows[i] = rows[j];
      rows[j] = swap;
    }
  }

  /** Brings the rows that tell most, of the first ones, to the front. */
  private void takeInformative(int[] rows, TransferKnowledge knowledge) {
    int offered = Math.min(OFFERED, rows.length);
    Map<Architecture, Integer> places = new LinkedHashMap<>();
    for (int i = 0; i < offered; i++) {
      places.putIfAbsent(table.architecture(rows[i]), rows[i]);
    }
    List<Integer> chosen =
        knowledge.choose(List.copyOf(places.keySet()), samples).stream().map(places::get).toList();
    int at = 0;
    for (int row : chosen) {
      int place = at;
      while (rows[place] != row) {
        place++;
      }
      rows[place] = rows[at];
      rows[at++] = row;
    }
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
}
