package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** An architecture that a study asked someone to evaluate, or was told of unasked. */
@Entity
@Table(name = "suggestion")
public class SuggestionRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  /** Its place in the order of asking. */
  public int number;

  /** Who evaluates it. */
  public String client = "";

  public int[] choices = {};

  /** From when on someone else may evaluate it. */
  public Instant leaseUntil = Instant.EPOCH;

  public @Nullable String resultSha256;

  /** Null until its result is told. */
  public @Nullable Long candidateId;

  /** The id of a stored suggestion. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "a suggestion that is not stored has no number");
  }
}
