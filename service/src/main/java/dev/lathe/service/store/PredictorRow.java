package dev.lathe.service.store;

import dev.lathe.runs.PredictorRecord;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A predictor and the report of its calibration. */
@Entity
@Table(name = "predictor")
public class PredictorRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  public String device = "";

  public String precision = "";

  public String metric = "latency";

  public String kind = "";

  public int samples;

  public int heldOut;

  public double spearman;

  public double mape;

  public double within10;

  public double coverage90;

  public double seconds;

  public String definition = "";

  public String provenance = "{}";

  public String space = "";

  /** Which of the predictors of its device, space, precision and metric it is, from 1. */
  public int version = 1;

  public Instant createdAt = Instant.EPOCH;

  /** A row for a predictor. */
  static PredictorRow of(long searchId, PredictorRecord predictor, Instant now) {
    PredictorRow row = new PredictorRow();
    row.searchId = searchId;
    row.device = predictor.device();
    row.precision = predictor.precision();
    row.metric = predictor.metric();
    row.kind = predictor.kind();
    row.samples = predictor.samples();
    row.heldOut = predictor.heldOut();
    row.spearman = predictor.spearman();
    row.mape = predictor.mape();
    row.within10 = predictor.within10();
    row.coverage90 = predictor.coverage90();
    row.seconds = predictor.seconds();
    row.definition = predictor.json();
    row.provenance = predictor.provenance();
    row.space = predictor.space();
    row.createdAt = now;
    return row;
  }

  /** The predictor. */
  PredictorRecord record() {
    return new PredictorRecord(
        device,
        precision,
        metric,
        kind,
        samples,
        heldOut,
        spearman,
        mape,
        within10,
        coverage90,
        seconds,
        definition,
        provenance,
        space);
  }
}
