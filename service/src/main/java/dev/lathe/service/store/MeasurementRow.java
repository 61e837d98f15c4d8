package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a device measured, every sample of it. */
@Entity
@Table(name = "measurement")
public class MeasurementRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public @Nullable Long jobId;

  public long deviceId;

  public @Nullable Long searchId;

  public String key = "";

  public String precision = "";

  public String modelSha256 = "";

  /** Of the network without its weights' values; null if the model could not be read. */
  public @Nullable String structureSha256;

  /** The measurement of another search that this one was taken from. */
  public @Nullable Long sourceId;

  public int attempt;

  public String runtime = "";

  public int threads;

  public int batch;

  public int warmups;

  public String protocol = "";

  public double[] samplesMillis = {};

  public double p50Millis;

  public double p90Millis;

  public double p99Millis;

  public double madMillis;

  public double sentinelBeforeMillis;

  public double sentinelAfterMillis;

  @Convert(converter = LabelsConverter.class)
  public Map<String, String> environment = Map.of();

  /** Metrics beside latency, by name. */
  @Convert(converter = FiguresConverter.class)
  public Map<String, Double> figures = Map.of();

  /** {@code stable}, {@code noisy}, {@code throttled} or {@code unknown}. */
  public String verdict = "unknown";

  public String verdictReason = "";

  public Instant startedAt = Instant.EPOCH;

  public Instant recordedAt = Instant.EPOCH;

  /** The id of a stored measurement. */
  public long number() {
    return java.util.Objects.requireNonNull(id, "a measurement that is not stored has no number");
  }
}
