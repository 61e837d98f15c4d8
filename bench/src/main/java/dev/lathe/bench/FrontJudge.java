package dev.lathe.bench;

import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.evolution.front.IgdPlus;
import dev.lathe.evolution.front.NonDominatedSort;
import dev.lathe.metric.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Compares evaluations with the exact front of all that could have been read: those that meet the
 * constraints. The reference point is the largest cost of all, 0 of what is maximized.
 */
final class FrontJudge {
  private final SearchProblem problem;
  private final double[] reference;
  private final double[][] exactFront;
  private final double exactVolume;
  private final double[] scale;

  /**
   * @throws IllegalArgumentException if nothing was measured, or nothing meets the constraints
   */
  FrontJudge(SearchProblem problem, List<Evaluation> all) {
    this.problem = problem;
    double[][] costs = costs(all);
    if (costs.length == 0) {
      throw new IllegalArgumentException(
          "no row of '%s' has all of these metrics and meets the constraints."
              .formatted(problem.space().name()));
    }
    this.reference = new double[problem.objectives().size()];
    for (int m = 0; m < reference.length; m++) {
      int objective = m;
      reference[m] =
          problem.objectives().get(m).direction() == Direction.MAXIMIZE
              ? 0
              : all.stream()
                  .filter(Evaluation.Measured.class::isInstance)
                  .map(Evaluation.Measured.class::cast)
                  .mapToDouble(measured -> problem.costs(measured.metrics())[objective])
                  .max()
                  .orElseThrow();
    }
    this.exactFront = front(costs);
    this.exactVolume = Hypervolume.of(exactFront, reference);
    this.scale = ranges(exactFront);
  }

  /**
   * What evaluations are worth.
   *
   * @param share of the exact front's hypervolume, in [0, 1]
   * @param igdPlus distance from the exact front, in its ranges
   * @param best value of each objective, in its own direction; NaN if nothing is feasible
   */
  record Verdict(double share, double igdPlus, double[] best) {}

  Verdict judge(List<Evaluation> evaluations) {
    double[][] costs = costs(evaluations);
    double[] best = new double[reference.length];
    if (costs.length == 0) {
      Arrays.fill(best, Double.NaN);
      return new Verdict(0, Double.NaN, best);
    }
    for (int m = 0; m < best.length; m++) {
      int objective = m;
      double lowest = Arrays.stream(costs).mapToDouble(p -> p[objective]).min().orElseThrow();
      best[m] = problem.objectives().get(m).direction().cost(lowest);
    }
    return new Verdict(
        Hypervolume.of(costs, reference) / exactVolume,
        IgdPlus.of(front(costs), exactFront, scale),
        best);
  }

  private static double[][] front(double[][] costs) {
    return IntStream.of(NonDominatedSort.nonDominated(costs))
        .mapToObj(i -> costs[i])
        .toArray(double[][]::new);
  }

  private double[][] costs(List<Evaluation> evaluations) {
    List<double[]> costs = new ArrayList<>(evaluations.size());
    for (Evaluation evaluation : evaluations) {
      if (evaluation instanceof Evaluation.Measured measured
          && problem.violation(measured.metrics()) == 0) {
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
}
