package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A fact that a search noted. */
@Entity
@IdClass(FactRow.Key.class)
@Table(name = "search_fact")
public class FactRow extends PanacheEntityBase {
  @Id public @Nullable Long searchId;

  @Id public @Nullable String name;

  public String value = "";

  /** Primary key. */
  public record Key(Long searchId, String name) implements java.io.Serializable {}
}
