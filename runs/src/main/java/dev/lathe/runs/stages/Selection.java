package dev.lathe.runs.stages;

import dev.lathe.evolution.front.ParetoArchive;
import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which candidates of a search become networks. */
final class Selection {
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
   * Some members of a front, spread evenly along a metric on a log scale, both ends included; of
   * several near one place the one that is best in the first objective.
   *
   * @param metric that all have, above 0
   */
  static List<CandidateRecord> spread(List<CandidateRecord> front, String metric, int wanted) {
    Comparator<CandidateRecord> along =
        Comparator.comparingDouble(candidate -> value(candidate, metric));
    if (front.size() <= wanted) {
      return front.stream().sorted(along).toList();
    }
    List<CandidateRecord> rest = new ArrayList<>(front);
    List<CandidateRecord> chosen = new ArrayList<>();
    double least = Math.log(front.stream().mapToDouble(c -> value(c, metric)).min().orElse(1));
    double most = Math.log(front.stream().mapToDouble(c -> value(c, metric)).max().orElse(1));
    double step = wanted == 1 ? 1 : (most - least) / (wanted - 1);
    for (int i = 0; i < wanted; i++) {
      double target = wanted == 1 ? most : least + step * i;
      List<CandidateRecord> near =
          rest.stream()
              .filter(c -> Math.abs(Math.log(value(c, metric)) - target) <= step / 4)
              .toList();
      CandidateRecord taken =
          near.isEmpty()
              ? rest.stream()
                  .min(
                      Comparator.comparingDouble(
                          c -> Math.abs(Math.log(value(c, metric)) - target)))
                  .orElseThrow()
              : near.stream()
                  .min(Comparator.comparingDouble(c -> c.costs().getFirst()))
                  .orElseThrow();
      rest.remove(taken);
      chosen.add(taken);
    }
    chosen.sort(along);
    return chosen;
  }

  private static double value(CandidateRecord candidate, String metric) {
    Figure figure = candidate.figures().get(metric);
    return figure == null ? 1 : Math.max(1e-12, figure.value());
  }
}
