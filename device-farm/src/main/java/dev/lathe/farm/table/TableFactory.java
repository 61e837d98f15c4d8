package dev.lathe.farm.table;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.space.table.MeasurementTable;
import dev.lathe.space.table.TableFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code table}: a column of published measurements. */
public final class TableFactory implements BackendFactory {
  static final String NAME = "table";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "published: a latency column of a table, one device a column, with noise";
  }

  @Override
  public List<BackendOption> options() {
    return List.of(
        new BackendOption("table", "", "CSV file, plain or gzipped, as tabular search spaces are"),
        new BackendOption("column", "", "a latency of the table, for example pixel3_latency_ms"),
        new BackendOption("noise", "0", "relative standard deviation of a sample, 0 to 1"),
        new BackendOption("seed", "1", "of the noise"));
  }

  @Override
  public MeasurementBackend open(BackendSettings settings) throws MeasurementFailed {
    Path file = settings.path("table");
    try {
      return new TableBackend(
          MeasurementTable.read(file),
          settings.required("column"),
          settings.number("noise", 0, 1),
          settings.integer("seed", 0, Integer.MAX_VALUE));
    } catch (IOException | TableFormatException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE, "table '%s' cannot be read: %s".formatted(file, e.getMessage()), e);
    }
  }
}
