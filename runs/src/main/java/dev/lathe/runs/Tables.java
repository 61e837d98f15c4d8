package dev.lathe.runs;

import dev.lathe.space.table.MeasurementTable;

/** The tables of recorded measurements that a request can name. */
@FunctionalInterface
public interface Tables {
  /**
   * A table by name.
   *
   * @throws InvalidSearch if there is none
   */
  MeasurementTable table(String name);

  /** No tables. */
  static Tables none() {
    return name -> {
      throw new InvalidSearch("space.table", "there is no table '%s'.".formatted(name));
    };
  }
}
