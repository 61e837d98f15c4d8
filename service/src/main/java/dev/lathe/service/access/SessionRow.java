package dev.lathe.service.access;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A browser that was let in; its secret is not kept. */
@Entity
@Table(name = "session")
public class SessionRow extends PanacheEntityBase {
  @Id public @Nullable String tokenSha256;

  public long apiKeyId;

  public Instant createdAt = Instant.EPOCH;

  public Instant expiresAt = Instant.EPOCH;
}
