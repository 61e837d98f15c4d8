package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How far the supernet of a search is trained. */
@Entity
@Table(name = "supernet")
public class SupernetRow extends PanacheEntityBase {
  @Id public @Nullable Long searchId;

  public long steps;

  public long plannedSteps;

  public int batch;

  public long imagesSeen;

  public double seconds;

  public long parameters;

  public double largestAccuracy;

  public double smallestAccuracy;

  public @Nullable String checkpoint;

  public Instant updatedAt = Instant.EPOCH;
}
