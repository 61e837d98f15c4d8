package dev.lathe.service.rest;

import dev.lathe.service.store.CandidateRow;
import java.util.List;

/** The history of a front's hypervolume. */
final class HypervolumeView {
  private static final int POINTS = 500;

  private HypervolumeView() {}

  /** Pairs of the number of evaluations and the hypervolume, within a transaction. */
  @SuppressWarnings("unchecked")
  static List<List<Double>> of(long searchId) {
    List<Object[]> rows =
        CandidateRow.getEntityManager()
            .createNativeQuery(
                """
                select n, hypervolume from (
                  select row_number() over (order by generation, position) as n,
                    count(*) over () as total, hypervolume
                  from candidate where search_id = ?1) c
                where hypervolume is not null and (n = total or n % greatest(1, total / ?2) = 0)
                order by n
                """)
            .setParameter(1, searchId)
            .setParameter(2, POINTS)
            .getResultList();
    return rows.stream()
        .map(row -> List.of(((Number) row[0]).doubleValue(), ((Number) row[1]).doubleValue()))
        .toList();
  }
}
