package dev.lathe.service.store;

import dev.lathe.evolution.front.Dominance;
import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.runs.GenerationState;
import dev.lathe.space.Architecture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/** The generations of a search and their candidates; all within a transaction of the caller's. */
final class Generations {
  private final long searchId;

  Generations(long searchId) {
    this.searchId = searchId;
  }

  /**
   * Notes a generation, in place of an earlier one of this number.
   *
   * @param metrics ids of all metrics of the candidates
   */
  List<EvaluatedCandidate> note(
      int number,
      List<CandidateRecord> candidates,
      String algorithmState,
      Map<String, Integer> metrics,
      Instant now) {
    boolean replaced = GenerationRow.delete("searchId = ?1 and number = ?2", searchId, number) > 0;
    GenerationRow generation = new GenerationRow();
    generation.searchId = searchId;
    generation.number = number;
    generation.algorithmState = algorithmState;
    generation.createdAt = now;
    generation.persistAndFlush();
    List<EvaluatedCandidate> rows = new ArrayList<>();
    Map<Long, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (CandidateRecord candidate : candidates) {
      EvaluatedCandidate row = persist(number, rows.size(), candidate);
      rows.add(row);
      figures.put(row.id(), candidate.figures());
    }
    Figures.ofCandidates(figures, metrics);
    List<CandidateRow> fresh = rows.stream().map(EvaluatedCandidate::row).toList();
    if (replaced) {
      markNonDominated(
          List.of(), CandidateRow.list("searchId = ?1 order by generation, position", searchId));
    } else {
      markNonDominated(CandidateRow.list("searchId = ?1 and nonDominated", searchId), fresh);
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
                    stored.figures(),
                    costs(stored.row()),
                    Optional.ofNullable(stored.row().failure),
                    stored.row().hypervolume == null
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(stored.row().hypervolume)))
        .toList();
  }

  /** The ids of all candidates in the order in which they came. */
  List<Long> ids() {
    return CandidateRow.getEntityManager()
        .createQuery(
            "select c.id from CandidateRow c where c.searchId = ?1 order by c.generation, c.position",
            Long.class)
        .setParameter(1, searchId)
        .getResultList();
  }

  private static List<Double> costs(CandidateRow row) {
    return row.costs == null ? List.of() : Arrays.stream(row.costs).boxed().toList();
  }

  private EvaluatedCandidate persist(int generation, int position, CandidateRecord candidate) {
    CandidateRow row = new CandidateRow();
    row.searchId = searchId;
    row.generation = generation;
    row.position = position;
    row.choices = candidate.architecture().toArray();
    row.labels = candidate.labels();
    row.status = candidate.status();
    row.failure = candidate.failure().orElse(null);
    row.costs =
        candidate.costs().isEmpty()
            ? null
            : candidate.costs().stream().mapToDouble(Double::doubleValue).toArray();
    row.hypervolume =
        candidate.hypervolume().isPresent() ? candidate.hypervolume().getAsDouble() : null;
    row.persist();
    return new EvaluatedCandidate(row, candidate.figures());
  }

  /** Marks who of the newcomers belongs to the front, and who of the front does no more. */
  private static void markNonDominated(List<CandidateRow> front, List<CandidateRow> newcomers) {
    List<CandidateRow> best = new ArrayList<>(front);
    for (CandidateRow newcomer : newcomers) {
      double[] costs = newcomer.costs;
      newcomer.nonDominated =
          newcomer.status == Status.OK
              && costs != null
              && best.stream().noneMatch(member -> Dominance.dominates(of(member), costs));
      if (newcomer.nonDominated && costs != null) {
        best.removeIf(
            member -> {
              boolean beaten = Dominance.dominates(costs, of(member));
              member.nonDominated = member.nonDominated && !beaten;
              return beaten;
            });
        best.add(newcomer);
      }
    }
  }

  private static double[] of(CandidateRow member) {
    return Objects.requireNonNull(member.costs, "a member of the front has costs");
  }
}
