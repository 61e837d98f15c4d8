package dev.lathe.service.store;

import dev.lathe.runs.SupernetRecord;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
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

  /** Takes over what is known. */
  void set(SupernetRecord supernet) {
    steps = supernet.steps();
    plannedSteps = supernet.plannedSteps();
    batch = supernet.batch();
    imagesSeen = supernet.imagesSeen();
    seconds = supernet.seconds();
    parameters = supernet.parameters();
    largestAccuracy = supernet.largestAccuracy();
    smallestAccuracy = supernet.smallestAccuracy();
    checkpoint = supernet.checkpoint().orElse(null);
  }

  /** What is known. */
  SupernetRecord record() {
    return new SupernetRecord(
        steps,
        plannedSteps,
        batch,
        imagesSeen,
        seconds,
        parameters,
        largestAccuracy,
        smallestAccuracy,
        Optional.ofNullable(checkpoint));
  }
}
