package dev.lathe.space.table;

/** A table file is not of the shape that {@link MeasurementTable} describes. */
public final class TableFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  TableFormatException(String file, int line, String problem) {
    super("table '%s', line %d: %s.".formatted(file, line, problem));
  }
}
