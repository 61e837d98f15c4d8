package dev.lathe.service.store;

import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import jakarta.persistence.EntityManager;
import java.sql.PreparedStatement;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.Session;

/** Rows of the figure tables, many at a time. */
final class Figures {
  private static final String CANDIDATE =
      "insert into candidate_figure (candidate_id, metric_id, value, lower_end, upper_end, source) values (?, ?, ?, ?, ?, ?)";
  private static final String FRONT =
      "insert into front_figure (front_member_id, metric_id, value, lower_end, upper_end, source, predicted) values (?, ?, ?, ?, ?, ?, ?)";

  private Figures() {}

  /** Notes the figures of candidates by their ids, within a transaction. */
  static void ofCandidates(Map<Long, Map<String, Figure>> figures, Map<String, Integer> metrics) {
    session()
        .doWork(
            connection -> {
              try (PreparedStatement insert = connection.prepareStatement(CANDIDATE)) {
                for (Map.Entry<Long, Map<String, Figure>> candidate : figures.entrySet()) {
                  for (Figure figure : candidate.getValue().values()) {
                    set(insert, candidate.getKey(), figure, metrics);
                    insert.addBatch();
                  }
                }
                insert.executeBatch();
              }
            });
  }

  /** Notes the figures of a member of a front, within a transaction. */
  static void ofMember(
      long member, Collection<Figure> figures, boolean predicted, Map<String, Integer> metrics) {
    session()
        .doWork(
            connection -> {
              try (PreparedStatement insert = connection.prepareStatement(FRONT)) {
                for (Figure figure : figures) {
                  set(insert, member, figure, metrics);
                  insert.setBoolean(7, predicted);
                  insert.addBatch();
                }
                insert.executeBatch();
              }
            });
  }

  private static void set(
      PreparedStatement insert, long id, Figure figure, Map<String, Integer> metrics)
      throws java.sql.SQLException {
    insert.setLong(1, id);
    insert.setInt(2, metrics.get(figure.metric().name()));
    insert.setDouble(3, figure.value());
    insert.setDouble(4, figure.lower());
    insert.setDouble(5, figure.upper());
    insert.setShort(6, (short) figure.source().ordinal());
  }

  /**
   * Figures by id and metric, within a transaction.
   *
   * @param query selects id, name of the metric, value, lower and upper end, source
   */
  static Map<Long, Map<String, Figure>> read(String query, Object... parameters) {
    var native_ = CandidateRow.getEntityManager().createNativeQuery(query);
    for (int i = 0; i < parameters.length; i++) {
      native_.setParameter(i + 1, parameters[i]);
    }
    Map<Long, Map<String, Figure>> figures = new LinkedHashMap<>();
    @SuppressWarnings("unchecked")
    List<Object[]> rows = native_.getResultList();
    for (Object[] row : rows) {
      Metric metric = Metric.of((String) row[1]);
      figures
          .computeIfAbsent(((Number) row[0]).longValue(), _ -> new LinkedHashMap<>())
          .put(
              metric.name(),
              new Figure(
                  metric,
                  ((Number) row[2]).doubleValue(),
                  ((Number) row[3]).doubleValue(),
                  ((Number) row[4]).doubleValue(),
                  Figure.Source.values()[((Number) row[5]).intValue()]));
    }
    return figures;
  }

  private static Session session() {
    EntityManager manager = CandidateRow.getEntityManager();
    manager.flush();
    return manager.unwrap(Session.class);
  }
}
