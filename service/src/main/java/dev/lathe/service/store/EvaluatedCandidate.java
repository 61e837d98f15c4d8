package dev.lathe.service.store;

import dev.lathe.metric.Figure;
import dev.lathe.runs.CandidateRecord.Status;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A candidate with its figures by metric, as stored. */
public record EvaluatedCandidate(CandidateRow row, Map<String, Figure> figures) {
  private static final String FIGURES =
      """
      select f.candidate_id, m.name, f.value, f.lower_end, f.upper_end, f.source
      from candidate_figure f join metric m on m.id = f.metric_id
      """;
  private static final int FEW = 10_000;

  /** A page of a search's candidates in the order in which they came; {@code page} from 0. */
  public static List<EvaluatedCandidate> page(
      long searchId, boolean nonDominatedOnly, int page, int size) {
    List<CandidateRow> rows =
        CandidateRow.getEntityManager()
            .createQuery(
                "select c from CandidateRow c where c.searchId = ?1 "
                    + (nonDominatedOnly ? "and c.nonDominated " : "")
                    + "order by c.generation, c.position",
                CandidateRow.class)
            .setParameter(1, searchId)
            .setFirstResult(Math.multiplyExact(page, size))
            .setMaxResults(size)
            .getResultList();
    return withFigures(searchId, rows);
  }

  /**
   * About {@code limit} candidates of a search, thinned out evenly, in the order in which they
   * came; all those that no other is better than stay.
   *
   * @param total number of the search's candidates
   */
  public static List<EvaluatedCandidate> sample(long searchId, int limit, long total) {
    List<CandidateRow> rows =
        CandidateRow.getEntityManager()
            .createQuery(
                "select c from CandidateRow c where c.searchId = ?1 and (c.nonDominated or mod(c.id, ?2) = 0) "
                    + "order by c.generation, c.position",
                CandidateRow.class)
            .setParameter(1, searchId)
            .setParameter(2, Math.max(1, Math.ceilDiv(total, limit)))
            .getResultList();
    return withFigures(searchId, rows);
  }

  /** All candidates of a search in the order in which they came. */
  static List<EvaluatedCandidate> all(long searchId) {
    return page(searchId, false, 0, Integer.MAX_VALUE);
  }

  /** Candidates by id, within a transaction. */
  public static Map<Long, EvaluatedCandidate> byId(long searchId, List<Long> ids) {
    List<CandidateRow> rows = ids.isEmpty() ? List.of() : CandidateRow.list("id in ?1", ids);
    return withFigures(searchId, rows).stream()
        .collect(java.util.stream.Collectors.toMap(EvaluatedCandidate::id, one -> one));
  }

  private static List<EvaluatedCandidate> withFigures(long searchId, List<CandidateRow> rows) {
    if (rows.isEmpty()) {
      return List.of();
    }
    Map<Long, Map<String, Figure>> figures =
        rows.size() <= FEW
            ? Figures.read(
                FIGURES + "where f.candidate_id in (?1) order by f.metric_id",
                rows.stream().map(row -> row.id).toList())
            : Figures.read(
                FIGURES
                    + "join candidate c on c.id = f.candidate_id where c.search_id = ?1 order by f.metric_id",
                searchId);
    return rows.stream()
        .map(row -> new EvaluatedCandidate(row, figures.getOrDefault(row.id, Map.of())))
        .toList();
  }

  /** The id of the candidate. */
  public long id() {
    return Objects.requireNonNull(row.id, "a stored candidate has an id");
  }

  /** What came of its evaluation. */
  public Status status() {
    return row.status;
  }
}
