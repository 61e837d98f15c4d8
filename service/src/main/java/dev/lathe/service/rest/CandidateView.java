package dev.lathe.service.rest;

import dev.lathe.runs.CandidateRecord;
import dev.lathe.service.store.EvaluatedCandidate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An architecture that a search looked at.
 *
 * @param architecture choices by gene name
 * @param validationAccuracy with the supernet's weights, in [0, 1]
 * @param nonDominated whether no other candidate so far is better in one of accuracy, predicted
 *     latency and parameters, and worse in none
 */
public record CandidateView(
    String id,
    int generation,
    Map<String, String> architecture,
    CandidateRecord.Status status,
    @Nullable Double validationAccuracy,
    double predictedMillis,
    double lowerMillis,
    double upperMillis,
    long parameters,
    long macs,
    boolean nonDominated) {

  static CandidateView of(EvaluatedCandidate candidate) {
    return new CandidateView(
        Long.toString(candidate.id()),
        candidate.row().generation,
        candidate.row().labels,
        candidate.status(),
        candidate.accuracy().isPresent() ? candidate.accuracy().getAsDouble() : null,
        candidate.row().predictedMillis,
        candidate.row().lowerMillis,
        candidate.row().upperMillis,
        candidate.row().parameters,
        candidate.row().macs,
        candidate.row().nonDominated);
  }
}
