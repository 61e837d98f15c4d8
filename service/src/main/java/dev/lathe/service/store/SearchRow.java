package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/** A search, or a calibration on its own: what was asked for, and where it stands. */
@Entity
@DynamicUpdate // What someone else changes meanwhile is not written back.
@Table(name = "search")
public class SearchRow extends PanacheEntityBase {
  /**
   * The order of stages of this version, and what they leave in the store. Raised by every change
   * after which a run that was begun before it could not go on.
   */
  public static final int PIPELINE = 2;

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  @Enumerated(EnumType.STRING)
  public RunKind kind = RunKind.SEARCH;

  @Enumerated(EnumType.STRING)
  public SearchState state;

  public String stage = "";

  public double fraction;

  public String message = "";

  public @Nullable String error;

  public String request = "";

  /** How often it was begun since it last came further. */
  public int starts;

  /** How far it had come at one of these starts, at most. */
  public double furthest;

  /** The device for which it waits. */
  public @Nullable Long waitsForDeviceId;

  /** By which order of stages it was begun. */
  public int pipeline = PIPELINE;

  public @Nullable String idempotencyKey;

  public String requestSha256 = "";

  /** SHA-256 of what it was launched on; empty for runs of earlier versions. */
  @Convert(converter = LabelsConverter.class)
  public Map<String, String> inputs = Map.of();

  public @Nullable Long dataSetId;

  public @Nullable String space;

  public @Nullable String report;

  public Instant createdAt = Instant.EPOCH;

  public @Nullable Instant startedAt;

  public @Nullable Instant finishedAt;

  /** Whether an older version began it, so that it can be looked at and not gone on with. */
  public boolean isOfOlderPipeline() {
    return pipeline != PIPELINE && startedAt != null;
  }

  /** The id of a stored search. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "a search that is not stored has no number");
  }
}
