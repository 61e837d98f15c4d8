package dev.lathe.runs.stages;

import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Which candidates of a search become networks. */
final class Selection {
  /** Nothing is more accurate than this for the choice. */
  private static final double LEAST_ERROR = 1e-4;

  /** How far beyond the worst of the front the hypervolume reaches, as a share of its range. */
  private static final double BEYOND = 0.1;

  private Selection() {}

  /** The feasible candidates that no other dominates, in the order in which they came. */
  static List<CandidateRecord> front(List<CandidateRecord> candidates) {
    List<Integer> feasible = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      if (candidates.get(i).status() == Status.OK) {
        feasible.add(i);
      }
    }
    if (feasible.isEmpty()) {
      return List.of();
    }
    ParetoArchive<Integer> archive =
        new ParetoArchive<>(candidates.get(feasible.getFirst()).costs().size());
    for (int i : feasible) {
      archive.add(candidates.get(i).costs().stream().mapToDouble(Double::doubleValue).toArray(), i);
    }
    return archive.entries().stream()
        .map(ParetoArchive.Entry::value)
        .sorted()
        .map(candidates::get)
        .toList();
  }

  /**
   * Some members of a front: one after another the one that adds most to the hypervolume of those
   * chosen, over the first objective and a metric (greedy subset selection, Guerreiro, Fonseca,
   * Paquete 2016, doi:10.1162/EVCO_a_00188). So none is spent on a network that is hardly more
   * accurate than a quicker one. Both count on a log scale where that is possible, a share that is
   * maximized by what it lacks of 1: halving a latency or an error is worth the same at both ends.
   *
   * @param metric that all have, above 0; members are given in its order
   */
  static List<CandidateRecord> covering(List<CandidateRecord> front, String metric, int wanted) {
    double[][] costs = coordinates(front, metric);
    double[] reference = costs.length == 0 ? new double[0] : reference(costs);
    List<Integer> chosen = new ArrayList<>();
    while (chosen.size() < Math.min(wanted, front.size())) {
      int best = -1;
      double most = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < costs.length; i++) {
        if (!chosen.contains(i)) {
          double volume = volume(costs, chosen, i, reference);
          if (volume > most) {
            most = volume;
            best = i;
          }
        }
      }
      chosen.add(best);
    }
    return chosen.stream()
        .map(front::get)
        .sorted(Comparator.comparingDouble(candidate -> value(candidate, metric)))
        .toList();
  }

  private static double volume(
      double[][] costs, List<Integer> chosen, int another, double[] reference) {
    double[][] points = new double[chosen.size() + 1][];
    for (int i = 0; i < chosen.size(); i++) {
      points[i] = costs[chosen.get(i)];
    }
    points[chosen.size()] = costs[another];
    return Hypervolume.of(points, reference);
  }

  private static double[][] coordinates(List<CandidateRecord> front, String metric) {
    double[] first = front.stream().mapToDouble(c -> c.costs().getFirst()).toArray();
    DoubleUnaryOperator scale = DoubleUnaryOperator.identity();
    if (Arrays.stream(first).allMatch(cost -> cost > 0)) {
      scale = Math::log;
    } else if (Arrays.stream(first).allMatch(cost -> cost >= -1 && cost <= 0)) {
      scale = cost -> Math.log(Math.max(LEAST_ERROR, 1 + cost));
    }
    double[][] costs = new double[front.size()][];
    for (int i = 0; i < costs.length; i++) {
      costs[i] =
          new double[] {scale.applyAsDouble(first[i]), Math.log(value(front.get(i), metric))};
    }
    return costs;
  }

  /** A little worse than the worst of each objective, so that the ends of the front count. */
  private static double[] reference(double[][] costs) {
    double[] reference = new double[costs[0].length];
    for (int m = 0; m < reference.length; m++) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double[] point : costs) {
        least = Math.min(least, point[m]);
        most = Math.max(most, point[m]);
      }
      reference[m] = most + BEYOND * Math.max(most - least, 1e-9);
    }
    return reference;
  }

  private static double value(CandidateRecord candidate, String metric) {
    Figure figure = candidate.figures().get(metric);
    return figure == null ? 1 : Math.max(1e-12, figure.value());
  }
}
