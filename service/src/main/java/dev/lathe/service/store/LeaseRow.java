package dev.lathe.service.store;

import dev.lathe.farm.lease.AttemptState;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One attempt at a job. */
@Entity
@Table(name = "lease")
public class LeaseRow extends PanacheEntityBase {
  @Id public @Nullable String id;

  public long jobId;

  public int attempt;

  public long deviceId;

  public String tokenSha256 = "";

  @Enumerated(EnumType.STRING)
  public AttemptState state;

  public Instant grantedAt = Instant.EPOCH;

  public Instant deadline = Instant.EPOCH;

  public Instant hardDeadline = Instant.EPOCH;

  public @Nullable String resultSha256;
}
