package dev.lathe.service.store;

import dev.lathe.runs.DataSetRecord;
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

/** A data set that searches used. */
@Entity
@Table(name = "data_set")
public class DataSetRow extends PanacheEntityBase {
  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  public @Nullable Long id;

  public String name = "";

  public String spec = "";

  @Convert(converter = NamesConverter.class)
  public List<String> classes = List.of();

  public int train;

  public int validation;

  public int test;

  public int channels;

  public int height;

  public int width;

  public String sha256 = "";

  public Instant createdAt = Instant.EPOCH;

  /** A row for a data set. */
  static DataSetRow of(DataSetRecord dataSet, Instant now) {
    DataSetRow row = new DataSetRow();
    row.spec = dataSet.spec();
    row.sha256 = dataSet.sha256();
    row.name = dataSet.name();
    row.classes = dataSet.classes();
    row.train = dataSet.train();
    row.validation = dataSet.validation();
    row.test = dataSet.test();
    row.channels = dataSet.channels();
    row.height = dataSet.height();
    row.width = dataSet.width();
    row.createdAt = now;
    return row;
  }
}
