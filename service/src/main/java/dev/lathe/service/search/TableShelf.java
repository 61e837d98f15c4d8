package dev.lathe.service.search;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.Tables;
import dev.lathe.runs.stages.TableMetrics;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.RecordedTableRow;
import dev.lathe.service.store.Transactions;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TableFormatException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Tables of recorded measurements that users sent. */
@ApplicationScoped
public class TableShelf implements Tables {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,99}";

  private final ArtifactFiles files;
  private final InstantSource clock;

  TableShelf(ArtifactFiles files, InstantSource clock) {
    this.files = files;
    this.clock = clock;
  }

  /** All tables by name. */
  public List<RecordedTableRow> all() {
    return Transactions.call(() -> RecordedTableRow.list("order by name"));
  }

  /**
   * Stores a table, in place of one of the same name.
   *
   * @param csv plain or gzipped
   * @throws InvalidSearch if it is no table
   */
  public RecordedTableRow add(String name, byte[] csv) {
    if (!name.matches(NAME)) {
      throw new InvalidSearch(
          "name",
          "'%s' is no name of a table: letters, digits, '.', '_' and '-', up to 100."
              .formatted(name));
    }
    MeasurementTable table;
    try {
      table = MeasurementTable.read(name, new ByteArrayInputStream(csv));
    } catch (TableFormatException | IOException e) {
      throw new InvalidSearch("table", e.getMessage());
    }
    if (table.rows() == 0 || table.metrics().isEmpty()) {
      throw new InvalidSearch("table", "table '%s' has no rows or no metrics.".formatted(name));
    }
    String sha256 = files.put(csv);
    return Transactions.call(
        () -> {
          Optional<RecordedTableRow> known =
              RecordedTableRow.<RecordedTableRow>find("name", name).firstResultOptional();
          RecordedTableRow row = known.orElseGet(RecordedTableRow::new);
          row.name = name;
          row.sha256 = sha256;
          row.rowCount = table.rows();
          row.geneCount = table.genes().size();
          row.metrics = TableMetrics.names(table);
          row.createdAt = clock.instant();
          if (known.isEmpty()) {
            row.persist();
          }
          return row;
        });
  }

  /** Removes a table; whether there was one. Its file goes with the next sweep. */
  public boolean remove(String name) {
    return Transactions.call(() -> RecordedTableRow.delete("name", name) > 0);
  }

  /** SHA-256 of a table's content, if there is one of that name. */
  static Optional<String> sha256(String name) {
    return Transactions.call(
        () ->
            RecordedTableRow.<RecordedTableRow>find("name", name)
                .firstResultOptional()
                .map(row -> row.sha256));
  }

  @Override
  public MeasurementTable table(String name) {
    RecordedTableRow row =
        Transactions.callPatiently(
            () -> RecordedTableRow.<RecordedTableRow>find("name", name).firstResult());
    if (row == null) {
      throw new InvalidSearch(
          "space.table",
          "there is no table '%s', only %s. Maybe send it to /api/v1/tables/%s first."
              .formatted(name, all().stream().map(one -> one.name).toList(), name));
    }
    try {
      return MeasurementTable.read(name, new ByteArrayInputStream(files.get(row.sha256)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "table '%s' cannot be read: %s".formatted(name, e.getMessage()), e);
    }
  }
}
