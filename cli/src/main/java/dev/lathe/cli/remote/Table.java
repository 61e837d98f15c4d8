package dev.lathe.cli.remote;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Rows under a heading, columns as wide as they need to be. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... heading) {
    row((Object[]) heading);
  }

  void row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(List.copyOf(row));
  }

  void print(PrintStream out) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
