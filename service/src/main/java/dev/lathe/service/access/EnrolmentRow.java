package dev.lathe.service.access;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A token by which a machine gets the key of one device, once; the token itself is not kept. */
@Entity
@Table(name = "enrolment")
public class EnrolmentRow extends PanacheEntityBase {
  @Id public @Nullable String tokenSha256;

  public String device = "";

  public Instant createdAt = Instant.EPOCH;

  public Instant expiresAt = Instant.EPOCH;

  public @Nullable Instant usedAt;
}
