package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.regression.Conformal;
import dev.lathe.latency.regression.RankCorrelation;
import dev.lathe.latency.regression.RidgeSystem;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Bayesian linear regression on the genes, their structure and their pairs, for a few hundred
 * samples and more: the penalty of each group of features maximises the evidence. Where the device
 * answers in few distinct values, predictions snap to the nearest seen one if that ranks left-out
 * samples better. The interval is conformal on leave-one-out errors.
 */
public final class GeneRegression implements ArchitectureLatency {
  private static final double COVERAGE = 0.9;
  private static final double[] STEPS = {0.1, 10, 0.316, 3.16};
  private static final int ROUNDS = 3;
  private static final int MOST_PAIRS = 1000;
  private static final double FEW_LEVELS = 0.2;

  private final Features features;
  private final RidgeSystem.Fit fit;
  private final double width;
  private final double[] levels;

  private GeneRegression(Features features, RidgeSystem.Fit fit, double width, double[] levels) {
    this.features = features;
    this.fit = fit;
    this.width = width;
    this.levels = levels;
  }

  /** Fits. */
  public static GeneRegression fit(GeneEncoding encoding, List<MeasuredArchitecture> samples) {
    Features features = Features.of(encoding, samples);
    double[][] rows =
        samples.stream().map(s -> features.of(s.architecture())).toArray(double[][]::new);
    double[] millis = samples.stream().mapToDouble(MeasuredArchitecture::millis).toArray();
    RidgeSystem system = new RidgeSystem(rows);
    double[] penalties = mostEvident(system, millis, features.groups());

    double[] errors = system.leaveOneOut(rows, millis, penalties);
    double[] leftOut = new double[millis.length];
    for (int i = 0; i < leftOut.length; i++) {
      leftOut[i] = millis[i] - errors[i];
    }
    double[] levels = Arrays.stream(millis).distinct().sorted().toArray();
    double[] snapped = Arrays.stream(leftOut).map(v -> nearest(levels, v)).toArray();
    boolean snaps =
        levels.length <= FEW_LEVELS * millis.length
            && RankCorrelation.spearman(snapped, millis)
                > RankCorrelation.spearman(leftOut, millis);
    double[] scores = new double[millis.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.abs(millis[i] - (snaps ? snapped[i] : leftOut[i]));
    }
    return new GeneRegression(
        features,
        system.fit(millis, penalties),
        Conformal.bound(scores, COVERAGE),
        snaps ? levels : new double[0]);
  }

  private static double[] mostEvident(RidgeSystem system, double[] millis, int[] groups) {
    double[] ofGroup = new double[Arrays.stream(groups).max().orElse(0) + 1];
    Arrays.fill(ofGroup, 1);
    double best = system.fit(millis, spread(ofGroup, groups)).logEvidence();
    for (int round = 0; round < ROUNDS; round++) {
      for (int group = 0; group < ofGroup.length; group++) {
        for (double step : STEPS) {
          double[] trial = ofGroup.clone();
          trial[group] *= step;
          double evidence = system.fit(millis, spread(trial, groups)).logEvidence();
          while (evidence > best) {
            best = evidence;
            ofGroup = trial.clone();
            trial[group] *= step;
            evidence = system.fit(millis, spread(trial, groups)).logEvidence();
          }
        }
      }
    }
    return spread(ofGroup, groups);
  }

  private static double[] spread(double[] ofGroup, int[] groups) {
    return Arrays.stream(groups).mapToDouble(g -> Math.clamp(ofGroup[g], 1e-8, 1e8)).toArray();
  }

  @Override
  public Estimate predict(Architecture architecture) {
    double raw = fit.predict(features.of(architecture));
    double millis = levels.length == 0 ? raw : nearest(levels, raw);
    return Estimate.around(millis, width);
  }

  private static double nearest(double[] sorted, double value) {
    int at = Arrays.binarySearch(sorted, value);
    if (at >= 0) {
      return value;
    }
    int above = -at - 1;
    if (above == 0) {
      return sorted[0];
    }
    if (above == sorted.length) {
      return sorted[above - 1];
    }
    return sorted[above] - value < value - sorted[above - 1] ? sorted[above] : sorted[above - 1];
  }

  /**
   * The columns: counts, structure at unit deviation, single choices, pairs.
   *
   * @param groups the group of each column
   * @param structureScales one over the deviation of each structure column
   */
  private record Features(
      GeneEncoding encoding, int[] groups, double[] structureScales, boolean withPairs) {
    static Features of(GeneEncoding encoding, List<MeasuredArchitecture> samples) {
      Architecture first = samples.getFirst().architecture();
      double[][] structures =
          samples.stream().map(s -> encoding.structure(s.architecture())).toArray(double[][]::new);
      double[] scales = new double[structures[0].length];
      for (int f = 0; f < scales.length; f++) {
        int column = f;
        double mean = Arrays.stream(structures).mapToDouble(r -> r[column]).average().orElse(0);
        double variance =
            Arrays.stream(structures)
                .mapToDouble(r -> (r[column] - mean) * (r[column] - mean))
                .average()
                .orElse(0);
        scales[f] = variance > 0 ? 1 / Math.sqrt(variance) : 0;
      }
      int pairs = encoding.pairs(first).length;
      boolean withPairs = pairs <= MOST_PAIRS;
      int[] sizes = {
        encoding.counts(first).length,
        scales.length,
        encoding.oneHot(first).length,
        withPairs ? pairs : 0
      };
      int[] groups = new int[Arrays.stream(sizes).sum()];
      int at = 0;
      for (int group = 0; group < sizes.length; group++) {
        Arrays.fill(groups, at, at + sizes[group], group);
        at += sizes[group];
      }
      return new Features(encoding, groups, scales, withPairs);
    }

    double[] of(Architecture architecture) {
      double[] structure = encoding.structure(architecture);
      for (int f = 0; f < structure.length; f++) {
        structure[f] *= structureScales[f];
      }
      DoubleStream single =
          DoubleStream.concat(
              DoubleStream.concat(
                  Arrays.stream(encoding.counts(architecture)), Arrays.stream(structure)),
              Arrays.stream(encoding.oneHot(architecture)));
      return withPairs
          ? DoubleStream.concat(single, Arrays.stream(encoding.pairs(architecture))).toArray()
          : single.toArray();
    }
  }
}
