package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A latency predictor and the report of its calibration. */
@Entity
@Table(name = "predictor")
public class PredictorRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  public String device = "";

  public String precision = "";

  public String kind = "";

  public int samples;

  public int heldOut;

  public double spearman;

  public double mape;

  public double within10;

  public double coverage90;

  public double seconds;

  public String definition = "";

  public Instant createdAt = Instant.EPOCH;
}
