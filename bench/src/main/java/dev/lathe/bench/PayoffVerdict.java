package dev.lathe.bench;

import dev.lathe.evolution.front.Dominance;
import dev.lathe.evolution.front.Gain;
import dev.lathe.evolution.front.Hypervolume;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * What the comparison says. Hypervolume is over test error and the logarithm of the median latency;
 * one reference point for all: the error of chance, and 1.1 times the slowest median of all.
 *
 * @param hypervolume by name of the contender
 * @param hypervolumeCut the same, the search's front cut to twice as many points as a rival has
 *     networks
 * @param dominated for each rival, the share of its points that some point of the front dominates
 * @param relativeImprovementOverRandom of accuracy, over random architectures of the space
 * @param breakEvenPoints the least number k of wanted points for which the best k of the front have
 *     at least the hypervolume of the best k of every rival; absent if there is none
 */
record PayoffVerdict(
    Map<String, Double> hypervolume,
    Map<String, Double> hypervolumeCut,
    Map<String, Double> dominated,
    Improvement relativeImprovementOverRandom,
    OptionalInt breakEvenPoints) {
  private static final int RESAMPLES = 2000;
  private static final double MARGIN = 1.1;

  /**
   * A mean with its 95 % bootstrap interval over the random architectures (Yang, Esperança,
   * Carlucci: NAS evaluation is frustratingly hard, arXiv 1912.12522, whose measure is (ours −
   * random) ÷ random).
   *
   * @param uncovered points of random architectures faster than every point of the front: they are
   *     compared with the front's fastest
   */
  record Improvement(double mean, double low, double high, int uncovered) {}

  /**
   * Judges.
   *
   * @param classes of the data, at least 2
   * @param randomName which rival has the random architectures
   */
  static PayoffVerdict of(
      Contender lathe, List<Contender> rivals, int classes, String randomName, long seed) {
    double[] reference = reference(lathe, rivals, classes);
    Map<String, Double> hypervolume = new LinkedHashMap<>();
    Map<String, Double> cut = new LinkedHashMap<>();
    Map<String, Double> dominated = new LinkedHashMap<>();
    hypervolume.put(lathe.name(), volume(lathe.points(), reference));
    int networks =
        (int)
            rivals.stream()
                .mapToLong(r -> r.points().stream().map(MeasuredPoint::network).distinct().count())
                .max()
                .orElse(1);
    cut.put(lathe.name(), volume(best(lathe.points(), 2 * networks, reference), reference));
    for (Contender rival : rivals) {
      hypervolume.put(rival.name(), volume(rival.points(), reference));
      cut.put(rival.name(), volume(rival.points(), reference));
      dominated.put(rival.name(), dominatedShare(lathe, rival));
    }
    Improvement improvement =
        rivals.stream()
            .filter(rival -> rival.name().equals(randomName))
            .findFirst()
            .map(rival -> improvement(lathe, rival, seed))
            .orElse(new Improvement(Double.NaN, Double.NaN, Double.NaN, 0));
    return new PayoffVerdict(
        hypervolume, cut, dominated, improvement, breakEven(lathe, rivals, reference, networks));
  }

  private static double[] reference(Contender lathe, List<Contender> rivals, int classes) {
    List<MeasuredPoint> all = new ArrayList<>(lathe.points());
    rivals.forEach(rival -> all.addAll(rival.points()));
    double slowest = all.stream().mapToDouble(MeasuredPoint::p50).max().orElse(1);
    return new double[] {1 - 1.0 / classes, Math.log(MARGIN * slowest)};
  }

  private static double volume(List<MeasuredPoint> points, double[] reference) {
    double[][] costs = points.stream().map(MeasuredPoint::costs).toArray(double[][]::new);
    return costs.length == 0 ? 0 : Hypervolume.of(costs, reference);
  }

  /** The points that together give the most volume, one after the other taken greedily. */
  private static List<MeasuredPoint> best(
      List<MeasuredPoint> points, int count, double[] reference) {
    List<MeasuredPoint> rest = new ArrayList<>(points);
    List<MeasuredPoint> chosen = new ArrayList<>();
    Gain gain = new Gain(reference);
    while (chosen.size() < count && !rest.isEmpty()) {
      MeasuredPoint next =
          rest.stream().max(Comparator.comparingDouble(p -> gain.of(p.costs()))).orElseThrow();
      rest.remove(next);
      gain.add(next.costs());
      chosen.add(next);
    }
    return chosen;
  }

  private static double dominatedShare(Contender lathe, Contender rival) {
    return rival.points().stream()
        .mapToInt(
            point ->
                lathe.points().stream()
                        .anyMatch(ours -> Dominance.dominates(ours.costs(), point.costs()))
                    ? 1
                    : 0)
        .average()
        .orElse(1);
  }

  private static Improvement improvement(Contender lathe, Contender random, long seed) {
    double[] each = new double[random.points().size()];
    int uncovered = 0;
    MeasuredPoint fastest =
        lathe.points().stream()
            .min(Comparator.comparingDouble(MeasuredPoint::p50))
            .orElseThrow(() -> new IllegalArgumentException("the search's front is empty."));
    for (int i = 0; i < each.length; i++) {
      MeasuredPoint theirs = random.points().get(i);
      double ours =
          lathe.points().stream()
              .filter(point -> point.p50() <= theirs.p50())
              .mapToDouble(MeasuredPoint::testAccuracy)
              .max()
              .orElse(Double.NaN);
      if (Double.isNaN(ours)) {
        uncovered++;
        ours = fastest.testAccuracy();
      }
      each[i] = (ours - theirs.testAccuracy()) / theirs.testAccuracy();
    }
    double[] means = new double[RESAMPLES];
    SplittableRandom draw = new SplittableRandom(seed);
    for (int r = 0; r < RESAMPLES; r++) {
      means[r] =
          draw.ints(each.length, 0, each.length).mapToDouble(i -> each[i]).average().orElse(0);
    }
    java.util.Arrays.sort(means);
    return new Improvement(
        java.util.Arrays.stream(each).average().orElse(0),
        means[(int) (0.025 * RESAMPLES)],
        means[(int) (0.975 * RESAMPLES)],
        uncovered);
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
