package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The name of a metric; never changed or deleted, so that its id may be remembered. */
@Entity
@Table(name = "metric")
public class MetricRow extends PanacheEntityBase {
  private static final Map<String, Integer> IDS = new ConcurrentHashMap<>();

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Integer id;

  public String name = "";

  /** The ids of metrics, of new ones too; to be called outside of a transaction. */
  static Map<String, Integer> ids(Collection<String> names) {
    Map<String, Integer> ids = new HashMap<>();
    for (String name : names) {
      ids.put(name, IDS.computeIfAbsent(name, MetricRow::stored));
    }
    return ids;
  }

  private static int stored(String name) {
    return Transactions.callPatiently(
        () -> {
          getEntityManager()
              .createNativeQuery(
                  "insert into metric (name) values (?1) on conflict (name) do nothing")
              .setParameter(1, name)
              .executeUpdate();
          return ((Number)
                  getEntityManager()
                      .createNativeQuery("select id from metric where name = ?1")
                      .setParameter(1, name)
                      .getSingleResult())
              .intValue();
        });
  }
}
