package dev.lathe.service.store;

import io.quarkus.hibernate.orm.panache.PanacheEntityBase;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An architecture that a search looked at, and what it would cost. */
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

  public double predictedMillis;

  public double lowerMillis;

  public double upperMillis;

  public long parameters;

  public long macs;

  public boolean nonDominated;
}
