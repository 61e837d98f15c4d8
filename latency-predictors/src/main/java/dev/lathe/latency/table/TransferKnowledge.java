package dev.lathe.latency.table;

import dev.lathe.latency.regression.GroupedRegression;
import dev.lathe.latency.regression.InformativeChoice;
import dev.lathe.latency.regression.PriorGrid;
import dev.lathe.latency.table.TransferFeatures.Row;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * What source devices teach about any new one: their latencies as features, and how far a new
 * device may differ from them. The latter is learned by taking each source in turn for the new
 * device, with as many samples as the real one will have: prior variances are weighted by how well
 * they explain these samples (empirical Bayes over a hierarchy of devices). In spaces of layers the
 * costs of blocks are learned besides ({@link BlockCosts}). The task is that of HELP (Lee et al.
 * 2021, arXiv 2106.08630).
 */
public final class TransferKnowledge {
  private static final int CANDIDATES = 1200;
  private static final int DRAWS = 20;
  private static final int ROUNDS = 15;

  private static final double TRIMMED = 0.1;
  private static final int LEAST_SAMPLES = 3;

  private final TransferFeatures features;
  private final PriorGrid grid;
  private final Optional<BlockCosts> blocks;

  private TransferKnowledge(
      TransferFeatures features, PriorGrid grid, Optional<BlockCosts> blocks) {
    this.features = features;
    this.grid = grid;
    this.blocks = blocks;
  }

  /**
   * Learns from source devices.
   *
   * @param samples how many measurements of the new device there will be, at least 3
   * @param seed of the draws
   */
  public static TransferKnowledge learn(
      GeneEncoding encoding, SourceDevices sources, int samples, long seed) {
    if (samples < LEAST_SAMPLES || samples > sources.architectures().size() / 2) {
      throw new IllegalArgumentException(
          "transfer from %d samples is not possible: it takes from %d to half of the %d architectures of the sources."
              .formatted(samples, LEAST_SAMPLES, sources.architectures().size()));
    }
    SourceModels models = new SourceModels(encoding, sources);
    RandomStreams streams = new RandomStreams(seed);
    PriorGrid drawn =
        PriorGrid.draw(
            CANDIDATES,
            TransferFeatures.LEAST,
            TransferFeatures.LARGEST,
            streams.at("transfer priors", 0));
    List<double[]> evidence = new ArrayList<>();
    List<double[]> latencies = List.copyOf(sources.millis().values());
    for (int device = 0; device < latencies.size(); device++) {
      int left = device;
      int[] others = IntStream.range(0, latencies.size()).filter(d -> d != left).toArray();
      TransferFeatures features = new TransferFeatures(models, others);
      double[] millis = latencies.get(device);
      int[] rows = trimmed(millis);
      for (int draw = 0; draw < DRAWS; draw++) {
        shuffle(rows, streams.at("transfer tasks", evidence.size()));
        List<MeasuredArchitecture> seen =
            Arrays.stream(rows)
                .limit(samples)
                .mapToObj(
                    row -> new MeasuredArchitecture(sources.architectures().get(row), millis[row]))
                .toList();
        evidence.add(Regression.of(features, seen, drawn).solution().logEvidence());
      }
    }
    int[] all = IntStream.range(0, models.devices()).toArray();
    return new TransferKnowledge(
        new TransferFeatures(models, all),
        drawn.learn(evidence.toArray(double[][]::new), ROUNDS),
        encoding.layers() ? Optional.of(new BlockCosts(new BlockParts(models))) : Optional.empty());
  }

  /**
   * The architectures whose latencies on a new device tell most of those of the other candidates,
   * by what the sources teach; nothing of the new device is needed.
   *
   * @param count at most as many as candidates
   */
  public List<Architecture> choose(List<Architecture> candidates, int count) {
    List<double[][]> rows = candidates.stream().map(a -> features.of(a).groups()).toList();
    double[] variances = grid.meanVariances();
    double[][] covariance = new double[rows.size()][rows.size()];
    for (int i = 0; i < covariance.length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int g = 0; g < variances.length; g++) {
          double product = 0;
          for (int f = 0; f < rows.get(i)[g].length; f++) {
            product += rows.get(i)[g][f] * rows.get(j)[g][f];
          }
          sum += variances[g] * product;
        }
        covariance[i][j] = sum;
        covariance[j][i] = sum;
      }
    }
    int[] chosen = InformativeChoice.of(covariance, grid.meanNoise(), count);
    return Arrays.stream(chosen).mapToObj(candidates::get).toList();
  }

  /** Predicts a new device from its samples. */
  public TransferPredictor fit(List<MeasuredArchitecture> samples) {
    return TransferPredictor.fit(features, grid, blocks, samples);
  }

  private static int[] trimmed(double[] millis) {
    int cut = (int) (TRIMMED * millis.length);
    return IntStream.range(0, millis.length)
        .boxed()
        .sorted(Comparator.comparingDouble(row -> millis[row]))
        .skip(cut)
        .limit(millis.length - 2L * cut)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static void shuffle(int[] rows, RandomGenerator random) {
    for (int i = rows.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = rows[i];
      rows[i] = rows[j];
      rows[j] = swap;
    }
  }

  /** Samples of a device in units of its mean, less the mean of the sources. */
  record Regression(
      TransferFeatures features,
      double[][][] rows,
      double[] targets,
      double unitMillis,
      GroupedRegression solution) {
    static Regression of(
        TransferFeatures features, List<MeasuredArchitecture> samples, PriorGrid grid) {
      List<Row> rows = samples.stream().map(s -> features.of(s.architecture())).toList();
      double unit =
          samples.stream().mapToDouble(MeasuredArchitecture::millis).sum()
              / rows.stream().mapToDouble(Row::mean).sum();
      double[] targets = new double[rows.size()];
      double[] ones = new double[rows.size()];
      for (int i = 0; i < targets.length; i++) {
        targets[i] = samples.get(i).millis() / unit - rows.get(i).mean();
        ones[i] = 1;
      }
      double[][][] groups = rows.stream().map(Row::groups).toArray(double[][][]::new);
      return new Regression(
          features, groups, targets, unit, GroupedRegression.fit(groups, targets, ones, grid));
    }

    /** The same with the noise of outlying samples enlarged, as Student's t distribution does. */
    Regression reweighted(PriorGrid grid, double freedom) {
      double[] squares = new double[targets.length];
      for (int i = 0; i < squares.length; i++) {
        squares[i] = Math.pow(targets[i] - solution.predict(rows[i]), 2);
      }
      double variance =
          Math.max(Arrays.stream(squares).average().orElse(0), 0.3 * solution.noise());
      double[] scales =
          Arrays.stream(squares)
              .map(s -> 1 / Math.min(1.2, (freedom + 1) / (freedom + s / variance)))
              .toArray();
      return new Regression(
          features, rows, targets, unitMillis, GroupedRegression.fit(rows, targets, scales, grid));
    }

    double millis(Architecture architecture) {
      Row row = features.of(architecture);
      return unitMillis * (row.mean() + solution.predict(row.groups()));
    }
  }
}
