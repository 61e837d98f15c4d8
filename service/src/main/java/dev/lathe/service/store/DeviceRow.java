package dev.lathe.service.store;

import dev.lathe.farm.device.Health;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/** A device and the agent that speaks for it. */
@Entity
@DynamicUpdate // What someone else changes meanwhile is not written back.
@Table(name = "device")
public class DeviceRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  public String backend = "";

  public String host = "";

  public String runtime = "";

  public int threads;

  public String processor = "";

  public long memoryBytes;

  public String version = "";

  /** {@code real}, {@code emulated}, {@code simulated} or {@code published}. */
  public String reality = "real";

  @Convert(converter = NamesConverter.class)
  public List<String> forms = List.of();

  @Convert(converter = NamesConverter.class)
  public List<String> metrics = List.of();

  /** Whether its host must do nothing else while it measures. */
  public boolean quietHost = true;

  /** Threads of the runtime with which every network is measured. */
  public int measuredThreads = 1;

  @Convert(converter = LabelsConverter.class)
  public Map<String, String> facts = Map.of();

  @Enumerated(EnumType.STRING)
  public Health health;

  public String healthReason = "";

  @Column(name = "unstable_in_a_row")
  public int unstableInARow;

  /** The key that speaks for it; none from earlier versions until its agent registers again. */
  public @Nullable Long apiKeyId;

  public Instant registeredAt = Instant.EPOCH;

  public Instant lastSeenAt = Instant.EPOCH;

  /** When it was taken off the list; its agent brings it back. */
  public @Nullable Instant removedAt;

  /** The id of a stored device. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "a device that is not stored has no number");
  }
}
