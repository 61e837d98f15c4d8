package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** The latency of a member of a front on one device, measured and predicted. */
@Entity
@IdClass(FrontLatencyRow.Key.class)
@Table(name = "front_latency")
public class FrontLatencyRow extends PanacheEntityBase {
  @Id public @Nullable Long frontMemberId;

  @Id public @Nullable Long measurementId;

  public double predictedMillis;

  public double lowerMillis;

  public double upperMillis;

  /** Primary key. */
  public record Key(Long frontMemberId, Long measurementId) implements java.io.Serializable {}
}
