package dev.lathe.bench.payoff;

import dev.lathe.evolution.front.Dominance;
import dev.lathe.evolution.front.Gain;
import dev.lathe.evolution.front.Hypervolume;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the comparison says. Hypervolume is over test error and the logarithm of the median latency;
 * one reference point for all: the error of chance, and 1.1 times the slowest median of all. Where
 * fewer points than there are must be chosen, they are chosen by validation accuracy.
 *
 * @param hypervolume by name of the contender
 * @param hypervolumeCut the same, the search's front cut to twice as many points as a rival has
 *     networks
 * @param dominated for each rival, the share of its points that some point of the front dominates
 * @param dominatedByCut the same with the front cut
 * @param relativeImprovementOverRandom of test accuracy; absent where there is no such rival
 * @param breakEvenPoints the least number k of wanted points for which the best k of the front have
 *     at least the hypervolume of the best k of every rival; absent if there is none
 */
record Verdict(
    Map<String, Double> hypervolume,
    Map<String, Double> hypervolumeCut,
    Map<String, Double> dominated,
    Map<String, Double> dominatedByCut,
    Optional<Improvement> relativeImprovementOverRandom,
    OptionalInt breakEvenPoints) {
  private static final double MARGIN = 1.1;

  /**
   * Judges.
   *
   * @param classes of the data, at least 2
   * @param randomName which rival has the random architectures
   * @throws IllegalArgumentException if the search has no point
   */
  static Verdict of(
      Contender lathe, List<Contender> rivals, int classes, String randomName, long seed) {
    if (lathe.points().isEmpty()) {
      throw new IllegalArgumentException(
          "no member of the front could be measured. Maybe look at the log of the search.");
    }
    double[] reference = reference(lathe, rivals, classes);
    int networks = rivals.stream().mapToInt(Contender::networks).max().orElse(1);
    List<MeasuredPoint> fewer = best(lathe.points(), 2 * networks, reference);
    Map<String, Double> hypervolume = new LinkedHashMap<>();
    Map<String, Double> cut = new LinkedHashMap<>();
    Map<String, Double> dominated = new LinkedHashMap<>();
    Map<String, Double> dominatedByCut = new LinkedHashMap<>();
    hypervolume.put(lathe.name(), volume(lathe.points(), reference));
    cut.put(lathe.name(), volume(fewer, reference));
    for (Contender rival : rivals) {
      double volume = volume(rival.points(), reference);
      hypervolume.put(rival.name(), volume);
      cut.put(rival.name(), volume);
      dominated.put(rival.name(), dominatedShare(lathe.points(), rival));
      dominatedByCut.put(rival.name(), dominatedShare(fewer, rival));
    }
    return new Verdict(
        hypervolume,
        cut,
        dominated,
        dominatedByCut,
        rivals.stream()
            .filter(rival -> rival.name().equals(randomName) && !rival.points().isEmpty())
            .findFirst()
            .map(
                random ->
                    Improvement.of(
                        lathe.points(),
                        random.points(),
                        new RandomStreams(seed).at("bootstrap", 0))),
        breakEven(lathe, rivals, reference, networks));
  }

  private static double[] reference(Contender lathe, List<Contender> rivals, int classes) {
    List<MeasuredPoint> all = new ArrayList<>(lathe.points());
    rivals.forEach(rival -> all.addAll(rival.points()));
    double slowest = all.stream().mapToDouble(MeasuredPoint::p50).max().orElseThrow();
    return new double[] {1 - 1.0 / classes, Math.log(MARGIN * slowest)};
  }

  private static double volume(List<MeasuredPoint> points, double[] reference) {
    double[][] costs =
        points.stream()
            .map(MeasuredPoint::costs)
            .filter(cost -> cost[0] < reference[0] && cost[1] < reference[1])
            .toArray(double[][]::new);
    return costs.length == 0 ? 0 : Hypervolume.of(costs, reference);
  }

  /**
   * The points that together give the most volume on validation images, taken greedily one after
   * the other; fewer than wanted where there are no more.
   */
  static List<MeasuredPoint> best(List<MeasuredPoint> points, int wanted, double[] reference) {
    List<MeasuredPoint> rest = new ArrayList<>(points);
    List<MeasuredPoint> chosen = new ArrayList<>();
    Gain gain = new Gain(reference);
    while (chosen.size() < wanted && !rest.isEmpty()) {
      MeasuredPoint next =
          rest.stream()
              .max(Comparator.comparingDouble(point -> gain.of(point.knownCosts())))
              .orElseThrow();
      rest.remove(next);
      gain.add(next.knownCosts());
      chosen.add(next);
    }
    return chosen;
  }

  private static double dominatedShare(List<MeasuredPoint> front, Contender rival) {
    return rival.points().stream()
        .mapToInt(
            point ->
                front.stream().anyMatch(ours -> Dominance.dominates(ours.costs(), point.costs()))
                    ? 1
                    : 0)
        .average()
        .orElse(0);
  }

  private static OptionalInt breakEven(
      Contender lathe, List<Contender> rivals, double[] reference, int networks) {
    for (int k = 1; k <= 2 * networks; k++) {
      int count = k;
      double ours = volume(best(lathe.points(), count, reference), reference);
      if (rivals.stream()
          .allMatch(r -> ours >= volume(best(r.points(), count, reference), reference))) {
        return OptionalInt.of(k);
      }
    }
    return OptionalInt.empty();
  }
}
