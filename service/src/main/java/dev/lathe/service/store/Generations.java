package dev.lathe.service.store;

import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.GenerationState;
import dev.lathe.space.Architecture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The generations of a search and their candidates; all within a transaction of the caller's. */
final class Generations {
  private final long searchId;

  Generations(long searchId) {
    this.searchId = searchId;
  }

  /** Notes a generation, in place of an earlier one of this number. */
  List<EvaluatedCandidate> note(
      int number, List<CandidateRecord> candidates, String algorithmState, Instant now) {
    boolean replaced = GenerationRow.delete("searchId = ?1 and number = ?2", searchId, number) > 0;
    GenerationRow generation = new GenerationRow();
    generation.searchId = searchId;
    generation.number = number;
    generation.algorithmState = algorithmState;
    generation.createdAt = now;
    generation.persistAndFlush();
    List<EvaluatedCandidate> rows = new ArrayList<>();
    for (CandidateRecord candidate : candidates) {
      rows.add(persist(number, rows.size(), candidate));
    }
    if (replaced) {
      markNonDominated(List.of(), EvaluatedCandidate.all(searchId));
    } else {
      markNonDominated(EvaluatedCandidate.nonDominated(searchId), rows);
    }
    return List.copyOf(rows);
  }

  /** The last generation noted. */
  Optional<GenerationState> last() {
    return GenerationRow.<GenerationRow>find("searchId = ?1 order by number desc", searchId)
        .firstResultOptional()
        .map(row -> new GenerationState(Objects.requireNonNull(row.number), row.algorithmState));
  }

  /** All candidates in the order in which they came. */
  List<CandidateRecord> candidates() {
    return EvaluatedCandidate.all(searchId).stream()
        .map(
            stored ->
                new CandidateRecord(
                    Architecture.of(stored.row().choices),
                    stored.row().labels,
                    stored.status(),
                    stored.accuracy(),
                    stored.row().predictedMillis,
                    stored.row().lowerMillis,
                    stored.row().upperMillis,
                    stored.row().parameters,
                    stored.row().macs))
        .toList();
  }

  private EvaluatedCandidate persist(int generation, int position, CandidateRecord candidate) {
    CandidateRow row = new CandidateRow();
    row.searchId = searchId;
    row.generation = generation;
    row.position = position;
    row.choices = candidate.architecture().toArray();
    row.labels = candidate.labels();
    row.predictedMillis = candidate.predictedMillis();
    row.lowerMillis = candidate.lowerMillis();
    row.upperMillis = candidate.upperMillis();
    row.parameters = candidate.parameters();
    row.macs = candidate.macs();
    row.persist();
    EvaluationRow evaluation = new EvaluationRow();
    evaluation.candidateId = row.id;
    evaluation.status = candidate.status();
    evaluation.validationAccuracy =
        candidate.validationAccuracy().isPresent()
            ? candidate.validationAccuracy().getAsDouble()
            : null;
    evaluation.persist();
    return new EvaluatedCandidate(row, candidate.status(), candidate.validationAccuracy());
  }

  /** Marks who of the newcomers belongs to the front, and who of the front does no more. */
  private static void markNonDominated(
      List<EvaluatedCandidate> front, List<EvaluatedCandidate> newcomers) {
    List<EvaluatedCandidate> best = new ArrayList<>(front);
    for (EvaluatedCandidate newcomer : newcomers) {
      newcomer.row().nonDominated =
          newcomer.counts() && best.stream().noneMatch(member -> member.dominates(newcomer));
      if (newcomer.row().nonDominated) {
        best.removeIf(
            member -> {
              boolean beaten = newcomer.dominates(member);
              member.row().nonDominated = member.row().nonDominated && !beaten;
              return beaten;
            });
        best.add(newcomer);
      }
    }
  }
}
