package dev.lathe.service.data;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A data set that requests may name. */
@Entity
@Table(name = "stored_data")
public class StoredDataRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  /** How it is read, as {@code folder}. */
  public String kind = "";

  /** Where it lies on this machine; told to nobody. */
  public String location = "";

  /** Whether it was sent, and is the service's to delete. */
  public boolean uploaded;

  public @Nullable Integer files;

  public @Nullable Long bytes;

  /** Of the archive, where it was sent. */
  public @Nullable String sha256;

  public Instant createdAt = Instant.EPOCH;
}
