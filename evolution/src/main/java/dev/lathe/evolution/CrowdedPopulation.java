package dev.lathe.evolution;

import dev.lathe.evolution.front.Crowding;
import dev.lathe.evolution.front.NonDominatedSort;
import dev.lathe.evolution.genotype.ChoiceGene;
import io.jenetics.Genotype;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Survivors of a generation, best first, with what NSGA-II's tournament compares. */
final class CrowdedPopulation implements Population {
  private final List<Individual> members;
  private final int[] ranks;
  private final double[] crowding;

  private CrowdedPopulation(List<Individual> members, int[] ranks, double[] crowding) {
    this.members = members;
    this.ranks = ranks;
    this.crowding = crowding;
  }

  /**
   * The best {@code size} of the candidates: feasible before infeasible; feasible ones by front,
   * those of the front that does not fit by falling crowding distance; infeasible ones by rising
   * violation.
   */
  static CrowdedPopulation survivors(List<Individual> candidates, int size) {
    List<Individual> feasible = new ArrayList<>(candidates.size());
    List<Individual> infeasible = new ArrayList<>();
    for (Individual candidate : candidates) {
      (candidate.feasible() ? feasible : infeasible).add(candidate);
    }
    double[][] costs = new double[feasible.size()][];
    for (int i = 0; i < costs.length; i++) {
      costs[i] = feasible.get(i).costs();
    }
    int[][] fronts = NonDominatedSort.fronts(costs);
    int kept = Math.min(size, candidates.size());
    List<Individual> members = new ArrayList<>(kept);
    int[] ranks = new int[kept];
    double[] crowding = new double[kept];
    for (int rank = 0; rank < fronts.length && members.size() < kept; rank++) {
      int[] front = fronts[rank];
      double[] distances = Crowding.distances(costs, front);
      for (int place : order(distances, Math.min(front.length, kept - members.size()))) {
        ranks[members.size()] = rank;
        crowding[members.size()] = distances[place];
        members.add(feasible.get(front[place]));
      }
    }
    infeasible.sort(
        Comparator.comparingDouble(Individual::violation).thenComparingInt(Individual::trial));
    for (int i = 0; members.size() < kept; i++) {
      ranks[members.size()] = fronts.length + i;
      members.add(infeasible.get(i));
    }
    return new CrowdedPopulation(members, ranks, crowding);
  }

  /** Indices of the {@code count} largest distances; all in given order if all fit. */
  private static int[] order(double[] distances, int count) {
    int[] order = new int[distances.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    if (count == order.length) {
      return order;
    }
    return java.util.stream.IntStream.of(order)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -distances[i]).thenComparingInt(i -> i))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  @Override
  public List<Individual> members() {
    return members;
  }

  @Override
  public Genotype<ChoiceGene> parent(RandomGenerator random) {
    int first = random.nextInt(members.size());
    int second = random.nextInt(members.size());
    boolean secondWins =
        ranks[second] < ranks[first]
            || (ranks[second] == ranks[first] && crowding[second] > crowding[first]);
    return members.get(secondWins ? second : first).genotype();
  }
}
