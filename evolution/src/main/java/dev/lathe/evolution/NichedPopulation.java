package dev.lathe.evolution;

import dev.lathe.evolution.front.NonDominatedSort;
import dev.lathe.evolution.front.ReferenceDirections;
import dev.lathe.evolution.genotype.ChoiceGene;
import io.jenetics.Genotype;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Survivors by front and, in the last front, by reference direction: U-NSGA-III. */
final class NichedPopulation implements Population {
  private final List<Individual> members;
  private final int[] ranks;
  private final int[] niches;
  private final double[] distances;

  private NichedPopulation(
      List<Individual> members, int[] ranks, int[] niches, double[] distances) {
    this.members = members;
    this.ranks = ranks;
    this.niches = niches;
    this.distances = distances;
  }

  /** One candidate with what decides over it. */
  private record Contender(Individual individual, int rank, int niche, double distance) {}

  static NichedPopulation survivors(List<Individual> candidates, int size) {
    List<Individual> feasible = candidates.stream().filter(Individual::feasible).toList();
    List<Contender> kept = new ArrayList<>();
    int fronts = 0;
    if (!feasible.isEmpty()) {
      double[][] costs = feasible.stream().map(Individual::costs).toArray(double[][]::new);
      int[][] ranked = NonDominatedSort.fronts(costs);
      fronts = ranked.length;
      double[][] directions = ReferenceDirections.lattice(costs[0].length, size);
      Normalization normalization = Normalization.of(costs, ranked[0]);
      int[] niched = new int[directions.length];
      for (int rank = 0; rank < fronts && kept.size() < size; rank++) {
        List<Contender> front = new ArrayList<>();
        for (int i : ranked[rank]) {
          front.add(contender(feasible.get(i), rank, normalization.of(costs[i]), directions));
        }
        if (kept.size() + front.size() <= size) {
          front.forEach(contender -> niched[contender.niche()]++);
          kept.addAll(front);
        } else {
          fill(kept, front, niched, size);
        }
      }
    }
    List<Individual> infeasible =
        candidates.stream()
            .filter(candidate -> !candidate.feasible())
            .sorted(
                Comparator.comparingDouble(Individual::violation)
                    .thenComparingInt(Individual::trial))
            .toList();
    for (int i = 0; i < infeasible.size() && kept.size() < size; i++) {
      kept.add(new Contender(infeasible.get(i), fronts + i, -1, 0));
    }
    return new NichedPopulation(
        kept.stream().map(Contender::individual).toList(),
        kept.stream().mapToInt(Contender::rank).toArray(),
        kept.stream().mapToInt(Contender::niche).toArray(),
        kept.stream().mapToDouble(Contender::distance).toArray());
  }

  private static Contender contender(
      Individual individual, int rank, double[] point, double[][] directions) {
    int niche = 0;
    double nearest = Double.POSITIVE_INFINITY;
    for (int d = 0; d < directions.length; d++) {
      double along = 0;
      double norm = 0;
      double length = 0;
      for (int m = 0; m < point.length; m++) {
        along += point[m] * directions[d][m];
        norm += directions[d][m] * directions[d][m];
        length += point[m] * point[m];
      }
      double off = Math.sqrt(Math.max(0, length - along * along / norm));
      if (off < nearest) {
        nearest = off;
        niche = d;
      }
    }
    return new Contender(individual, rank, niche, nearest);
  }

  /** Takes from the front, again and again, the nearest member of the emptiest direction. */
  private static void fill(List<Contender> kept, List<Contender> front, int[] niched, int size) {
    List<Contender> left = new ArrayList<>(front);
    while (kept.size() < size) {
      Contender next = left.getFirst();
      for (Contender rival : left) {
        int emptier = Integer.compare(niched[rival.niche()], niched[next.niche()]);
        if (emptier < 0 || (emptier == 0 && rival.distance() < next.distance())) {
          next = rival;
        }
      }
      niched[next.niche()]++;
      left.remove(next);
      kept.add(next);
    }
  }

  @Override
  public List<Individual> members() {
    return members;
  }

  @Override
  public Genotype<ChoiceGene> parent(RandomGenerator random) {
    int first = random.nextInt(members.size());
    int second = random.nextInt(members.size());
    boolean rivals =
        niches[first] == niches[second]
            || !members.get(first).feasible()
            || !members.get(second).feasible();
    boolean secondWins =
        rivals
            ? ranks[second] < ranks[first]
                || (ranks[second] == ranks[first] && distances[second] < distances[first])
            : random.nextBoolean();
    return members.get(secondWins ? second : first).genotype();
  }

  /**
   * Costs less the ideal point, divided by the distance to the nadir of the first front. The
   * paper's hyperplane through extreme points is often degenerate on discrete fronts, where it too
   * falls back to this.
   */
  private record Normalization(double[] ideal, double[] range) {
    static Normalization of(double[][] costs, int[] front) {
      double[] low = costs[front[0]].clone();
      double[] high = low.clone();
      for (int i : front) {
        for (int m = 0; m < low.length; m++) {
          low[m] = Math.min(low[m], costs[i][m]);
          high[m] = Math.max(high[m], costs[i][m]);
        }
      }
      for (int m = 0; m < low.length; m++) {
        high[m] = high[m] > low[m] ? high[m] - low[m] : 1;
      }
      return new Normalization(low, high);
    }

    double[] of(double[] costs) {
      double[] point = new double[costs.length];
      for (int m = 0; m < point.length; m++) {
        point[m] = (costs[m] - ideal[m]) / range[m];
      }
      return point;
    }
  }
}
