package dev.lathe.service.store;

import dev.lathe.runs.CandidateRecord;
import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An architecture that a search evaluated; its figures lie in {@code candidate_figure}. */
@Entity
@Table(name = "candidate")
public class CandidateRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public long searchId;

  public int generation;

  public int position;

  public int[] choices = {};

  @Convert(converter = LabelsConverter.class)
  public Map<String, String> labels = Map.of();

  @Enumerated(EnumType.STRING)
  public CandidateRecord.Status status;

  public @Nullable String failure;

  /** One cost an objective, less is better; null if it could not be evaluated. */
  public double @Nullable [] costs;

  public @Nullable Double hypervolume;

  public boolean nonDominated;
}
