package dev.lathe.service.store;

import dev.lathe.service.pipeline.ArtifactRecord;
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
import org.jspecify.annotations.Nullable;

/** A file that a search made; its content lies in {@link ArtifactFiles}. */
@Entity
@Table(name = "artifact")
public class ArtifactRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  public String key = "";

  @Enumerated(EnumType.STRING)
  public ArtifactRecord.Kind kind;

  public String name = "";

  public String mediaType = "";

  public @Nullable String precision;

  public @Nullable String twinKey;

  @Convert(converter = LabelsConverter.class)
  public Map<String, String> labels = Map.of();

  public @Nullable Double validationAccuracy;

  public @Nullable Double testAccuracy;

  public @Nullable Long macs;

  public @Nullable Long parameters;

  public @Nullable Double fineTuneSeconds;

  public String sha256 = "";

  public long bytes;

  public Instant createdAt = Instant.EPOCH;

  /** The id of a stored artifact. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "an artifact that is not stored has no number");
  }
}
