package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A generation of a search. */
@Entity
@IdClass(GenerationRow.Key.class)
@Table(name = "generation")
public class GenerationRow extends PanacheEntityBase {
  @Id public @Nullable Long searchId;

  @Id public @Nullable Integer number;

  public String algorithmState = "";

  public Instant createdAt = Instant.EPOCH;

  /** Primary key. */
  public record Key(Long searchId, Integer number) implements java.io.Serializable {}
}
