package dev.lathe.evolution;

import dev.lathe.evolution.front.Gain;
import dev.lathe.evolution.surrogate.GaussianProcess.Belief;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How good it would be to know a candidate, averaged over what the models believe possible; nothing
 * where a constraint is broken. Most questions are about hypervolume, counted in two ways in turn:
 * in the objectives' units, where a few wide gaps attract all attention, and in ranks among the
 * measurements, where every part of the front counts alike. Each fifth is about one objective
 * alone, by how much it would be better than ever before: the ends of the front add little volume,
 * and would be left alone for long.
 */
final class Acquisition {
  private static final int SAMPLES = 32;

  /**
   * Shares of the models' standard deviation that are believed possible, in turn. With a small one
   * the search refines what it knows; alone it would never look at what a model wrongly thinks bad.
   */
  private static final double[] BOLDNESS = {0.2, 0.2, 0.2, 1, 1};

  private static final int EXTREMES_EVERY = 5;

  /** What volume counts for a candidate that moves no end of the front. */
  private static final double TIE_BREAK = 1e-6;

  private final SearchProblem problem;
  private final Metrics metrics;
  private final double[][] deviations;
  private final Gain volume;
  private final Gain rankVolume;

  /** The distinct costs measured so far, rising: [objective]. */
  private final double[][] sorted;

  /** The best cost known of each objective. */
  private final double[] lowest;

  private final boolean anyFeasible;
  private int picked;

  /**
   * @param measured what is known; at least one
   * @param picked how many architectures were picked before
   */
  Acquisition(
      SearchProblem problem,
      Metrics metrics,
      List<Individual> measured,
      int picked,
      RandomGenerator random) {
    this.problem = problem;
    this.metrics = metrics;
    this.picked = picked;
    this.deviations = new double[SAMPLES][metrics.size()];
    for (int m = 0; m < metrics.size(); m++) {
      // Antithetic pairs: the mean of the draws is exactly 0.
      for (int s = 0; s < SAMPLES; s += 2) {
        deviations[s][m] = random.nextGaussian();
        deviations[s + 1][m] = -deviations[s][m];
      }
    }
    double[] worst = new double[problem.objectives().size()];
    double[] last = new double[worst.length];
    Arrays.fill(last, 1);
    this.sorted = new double[worst.length][];
    for (int m = 0; m < worst.length; m++) {
      int objective = m;
      sorted[m] =
          measured.stream().mapToDouble(i -> i.costs()[objective]).sorted().distinct().toArray();
      worst[m] = sorted[m][sorted[m].length - 1];
    }
    this.lowest = new double[worst.length];
    Arrays.fill(lowest, Double.POSITIVE_INFINITY);
    this.volume = new Gain(worst);
    this.rankVolume = new Gain(last);
    this.anyFeasible = measured.stream().anyMatch(Individual::feasible);
    measured.stream().filter(Individual::feasible).forEach(i -> add(i.costs()));
  }

  private void add(double[] costs) {
    for (int m = 0; m < costs.length; m++) {
      lowest[m] = Math.min(lowest[m], costs[m]);
    }
    volume.add(costs);
    rankVolume.add(ranks(costs));
  }

  /** How good it would be to know the candidate: more is better. */
  double score(List<Belief> beliefs, double successProbability) {
    double[] values = new double[beliefs.size()];
    double boldness = BOLDNESS[picked % BOLDNESS.length];
    double sum = 0;
    double violation = 0;
    for (double[] draw : deviations) {
      for (int m = 0; m < values.length; m++) {
        values[m] = beliefs.get(m).value(boldness * draw[m]);
      }
      double missed = metrics.violation(problem, values);
      if (missed == 0) {
        sum += gain(metrics.costs(problem, values));
      }
      violation += missed;
    }
    double score = anyFeasible ? sum : sum - violation;
    return score > 0 ? score * successProbability : score;
  }

  private double gain(double[] costs) {
    if (picked % EXTREMES_EVERY == EXTREMES_EVERY - 1) {
      int m = picked / EXTREMES_EVERY % costs.length;
      return Math.max(0, lowest[m] - costs[m]) + TIE_BREAK * volume.of(costs);
    }
    return picked % 2 == 0 ? volume.of(costs) : rankVolume.of(ranks(costs));
  }

  /** Goes on as if the candidate had been measured as expected. */
  void expect(List<Belief> beliefs) {
    double[] values = new double[beliefs.size()];
    for (int m = 0; m < values.length; m++) {
      values[m] = beliefs.get(m).value(0);
    }
    if (metrics.violation(problem, values) == 0) {
      add(metrics.costs(problem, values));
    }
    picked++;
  }

  /** Share of the measured costs below each cost, interpolated; below 0 beyond the best. */
  private double[] ranks(double[] costs) {
    double[] ranks = new double[costs.length];
    for (int m = 0; m < ranks.length; m++) {
      double[] known = sorted[m];
      if (known.length > 1) {
        int place = Arrays.binarySearch(known, costs[m]);
        int high = Math.clamp(place < 0 ? -place - 1 : place, 1, known.length - 1);
        double part = (costs[m] - known[high - 1]) / (known[high] - known[high - 1]);
        ranks[m] = (high - 1 + Math.clamp(part, -5, 1)) / (known.length - 1);
      }
    }
    return ranks;
  }
}
