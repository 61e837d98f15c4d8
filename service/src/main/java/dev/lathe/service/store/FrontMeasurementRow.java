package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A measurement behind the figures of a member of a front. */
@Entity
@IdClass(FrontMeasurementRow.Key.class)
@Table(name = "front_measurement")
public class FrontMeasurementRow extends PanacheEntityBase {
  @Id public @Nullable Long frontMemberId;

  @Id public @Nullable Long measurementId;

  /** Primary key. */
  public record Key(Long frontMemberId, Long measurementId) implements java.io.Serializable {}
}
