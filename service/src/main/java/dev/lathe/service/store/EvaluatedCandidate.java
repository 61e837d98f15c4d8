package dev.lathe.service.store;

import dev.lathe.runs.CandidateRecord.Status;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;

/** A candidate with its evaluation, as stored. */
public record EvaluatedCandidate(CandidateRow row, Status status, OptionalDouble accuracy) {
  private static final String SELECT =
      "select c, e from CandidateRow c join EvaluationRow e on e.candidateId = c.id ";

  /** A page of a search's candidates in the order in which they came; {@code page} from 0. */
  public static List<EvaluatedCandidate> page(
      long searchId, boolean nonDominatedOnly, int page, int size) {
    return CandidateRow.getEntityManager()
        .createQuery(
            SELECT
                + "where c.searchId = ?1 "
                + (nonDominatedOnly ? "and c.nonDominated " : "")
                + "order by c.generation, c.position",
            Object[].class)
        .setParameter(1, searchId)
        .setFirstResult(Math.multiplyExact(page, size))
        .setMaxResults(size)
        .getResultStream()
        .map(EvaluatedCandidate::of)
        .toList();
  }

  /**
   * About {@code limit} candidates of a search, thinned out evenly, in the order in which they
   * came; all those that no other is better than stay.
   *
   * @param total number of the search's candidates
   */
  public static List<EvaluatedCandidate> sample(long searchId, int limit, long total) {
    return CandidateRow.getEntityManager()
        .createQuery(
            SELECT
                + "where c.searchId = ?1 and (c.nonDominated or mod(c.id, ?2) = 0) "
                + "order by c.generation, c.position",
            Object[].class)
        .setParameter(1, searchId)
        .setParameter(2, Math.max(1, Math.ceilDiv(total, limit)))
        .getResultStream()
        .map(EvaluatedCandidate::of)
        .toList();
  }

  /** All candidates of a search in the order in which they came. */
  static List<EvaluatedCandidate> all(long searchId) {
    return page(searchId, false, 0, Integer.MAX_VALUE);
  }

  /** The candidates that no other is better than, in the order in which they came. */
  static List<EvaluatedCandidate> nonDominated(long searchId) {
    return page(searchId, true, 0, Integer.MAX_VALUE);
  }

  private static EvaluatedCandidate of(Object[] pair) {
    EvaluationRow evaluation = (EvaluationRow) pair[1];
    return new EvaluatedCandidate(
        (CandidateRow) pair[0],
        evaluation.status,
        evaluation.validationAccuracy == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(evaluation.validationAccuracy));
  }

  /** The id of the candidate. */
  public long id() {
    return Objects.requireNonNull(row.id, "a stored candidate has an id");
  }

  /** Whether this is a candidate for the front at all. */
  boolean counts() {
    return status == Status.OK && accuracy.isPresent();
  }

  /** At least as accurate, fast and small as the other, and better in one of them. */
  boolean dominates(EvaluatedCandidate other) {
    double mine = accuracy.orElse(0);
    double its = other.accuracy.orElse(0);
    return mine >= its
        && row.predictedMillis <= other.row.predictedMillis
        && row.parameters <= other.row.parameters
        && (mine > its
            || row.predictedMillis < other.row.predictedMillis
            || row.parameters < other.row.parameters);
  }
}
