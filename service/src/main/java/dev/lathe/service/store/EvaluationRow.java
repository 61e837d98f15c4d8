package dev.lathe.service.store;

import dev.lathe.runs.CandidateRecord;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** How good a candidate is. */
@Entity
@Table(name = "evaluation")
public class EvaluationRow extends PanacheEntityBase {
  @Id public @Nullable Long candidateId;

  @Enumerated(EnumType.STRING)
  public CandidateRecord.Status status;

  public @Nullable Double validationAccuracy;
}
