package dev.lathe.service.store;

import dev.lathe.farm.lease.JobState;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/** A network to be measured. */
@Entity
@DynamicUpdate // What someone else changes meanwhile is not written back.
@Table(name = "job")
public class JobRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long deviceId;

  public @Nullable Long searchId;

  public boolean healthCheck;

  public String key = "";

  public String precision = "";

  public String protocol = "";

  public String modelSha256 = "";

  public @Nullable String structureSha256;

  public long modelBytes;

  @Enumerated(EnumType.STRING)
  public JobState state;

  public int attempts;

  public @Nullable String failureKind;

  public @Nullable String failureMessage;

  public Instant createdAt = Instant.EPOCH;

  public @Nullable Instant finishedAt;

  /** The id of a stored job. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "a job that is not stored has no number");
  }
}
