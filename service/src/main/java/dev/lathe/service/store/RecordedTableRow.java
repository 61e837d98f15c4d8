package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A table of recorded measurements; its content lies in {@link ArtifactFiles}. */
@Entity
@Table(name = "recorded_table")
public class RecordedTableRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  public String sha256 = "";

  public int rowCount;

  public int geneCount;

  @Convert(converter = NamesConverter.class)
  public List<String> metrics = List.of();

  public Instant createdAt = Instant.EPOCH;
}
