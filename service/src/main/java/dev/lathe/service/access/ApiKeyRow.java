package dev.lathe.service.access;

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

/** A key to the REST API; the secret itself is not kept. */
@Entity
@DynamicUpdate // What someone else changes meanwhile is not written back.
@Table(name = "api_key")
public class ApiKeyRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  public String prefix = "";

  public String secretSha256 = "";

  @Enumerated(EnumType.STRING)
  public Scope scope;

  /** Whether it speaks for one device alone. */
  public boolean oneDevice;

  /** The only device for which it speaks, once it is known. */
  public @Nullable String device;

  public Instant createdAt = Instant.EPOCH;

  public @Nullable Instant expiresAt;

  public @Nullable Instant revokedAt;

  public @Nullable Instant lastUsedAt;

  /** Whether it is neither revoked nor expired. */
  boolean isGood(Instant now) {
    return revokedAt == null && (expiresAt == null || expiresAt.isAfter(now));
  }
}
