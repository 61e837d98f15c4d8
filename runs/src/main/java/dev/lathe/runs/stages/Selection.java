package dev.lathe.runs.stages;

import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which candidates of a search become networks. */
final class Selection {
  private Selection() {}

  /** The feasible candidates that no other beats in both accuracy and latency, fastest first. */
  static List<CandidateRecord> front(List<CandidateRecord> candidates) {
    List<CandidateRecord> sorted =
        candidates.stream()
            .filter(candidate -> candidate.status() == Status.OK)
            .sorted(
                Comparator.comparingDouble(CandidateRecord::predictedMillis)
                    .thenComparing(Comparator.comparingDouble(Selection::accuracy).reversed()))
            .toList();
    List<CandidateRecord> front = new ArrayList<>();
    double best = -1;
    for (CandidateRecord candidate : sorted) {
      if (accuracy(candidate) > best) {
        best = accuracy(candidate);
        front.add(candidate);
      }
    }
    return front;
  }

  /** Members of the front whose latencies are spaced evenly on a log scale, both ends included. */
  static List<CandidateRecord> spread(List<CandidateRecord> front, int wanted) {
    if (front.size() <= wanted) {
      return front;
    }
    List<CandidateRecord> rest = new ArrayList<>(front);
    List<CandidateRecord> chosen = new ArrayList<>();
    double least = Math.log(front.getFirst().predictedMillis());
    double most = Math.log(front.getLast().predictedMillis());
    for (int i = 0; i < wanted; i++) {
      double target = wanted == 1 ? most : least + (most - least) * i / (wanted - 1);
      CandidateRecord nearest =
          rest.stream()
              .min(
                  Comparator.comparingDouble(
                      candidate -> Math.abs(Math.log(candidate.predictedMillis()) - target)))
              .orElseThrow();
      rest.remove(nearest);
      chosen.add(nearest);
    }
    chosen.sort(Comparator.comparingDouble(CandidateRecord::predictedMillis));
    return chosen;
  }

  private static double accuracy(CandidateRecord candidate) {
    return candidate.validationAccuracy().orElse(0);
  }
}
