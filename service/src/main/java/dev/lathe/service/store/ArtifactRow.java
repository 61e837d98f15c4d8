package dev.lathe.service.store;

import dev.lathe.runs.ArtifactRecord;
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
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
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

  /** When its content was deleted. */
  public @Nullable Instant contentDeletedAt;

  /** The id of a stored artifact. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "an artifact that is not stored has no number");
  }

  /** Takes over what is known. */
  void set(ArtifactRecord artifact) {
    key = artifact.key();
    kind = artifact.kind();
    name = artifact.name();
    mediaType = artifact.mediaType();
    precision = artifact.precision().orElse(null);
    twinKey = artifact.twin().orElse(null);
    labels = artifact.labels();
    validationAccuracy = orNull(artifact.validationAccuracy());
    testAccuracy = orNull(artifact.testAccuracy());
    macs = orNull(artifact.macs());
    parameters = orNull(artifact.parameters());
    fineTuneSeconds = orNull(artifact.fineTuneSeconds());
  }

  /** What is known. */
  ArtifactRecord record() {
    return new ArtifactRecord(
        key,
        kind,
        name,
        mediaType,
        Optional.ofNullable(precision),
        Optional.ofNullable(twinKey),
        labels,
        optional(validationAccuracy),
        optional(testAccuracy),
        optional(macs),
        optional(parameters),
        optional(fineTuneSeconds));
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static @Nullable Long orNull(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
