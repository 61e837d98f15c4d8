package dev.lathe.service.store;

import dev.lathe.metric.Figure;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A member of the final front of a search. */
@Entity
@Table(name = "front_member")
public class FrontMemberRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  public int position;

  /** Null where no file is written. */
  public @Nullable Long artifactId;

  /** Null where a file is written. */
  public @Nullable Long candidateId;

  /** What members of a front reach by metric: measured or published, or else predicted. */
  public static Map<Long, Map<String, Figure>> figures(long searchId, boolean predicted) {
    return Figures.read(
        """
        select f.front_member_id, m.name, f.value, f.lower_end, f.upper_end, f.source
        from front_figure f join metric m on m.id = f.metric_id
        join front_member r on r.id = f.front_member_id
        where r.search_id = ?1 and f.predicted = ?2 order by f.metric_id
        """,
        searchId,
        predicted);
  }
}
