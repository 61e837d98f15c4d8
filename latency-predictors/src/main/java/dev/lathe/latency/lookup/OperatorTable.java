package dev.lathe.latency.lookup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * Recorded latencies of single operators on one device, by a key that describes the operator: a CSV
 * file, plain or gzipped, with a column {@code key} and a column {@code mean_ms}; others are not
 * read.
 *
 * @param name of the file
 * @param millis by key, at least 0
 */
public record OperatorTable(String name, Map<String, Double> millis) {
  private static final String KEY = "key";
  private static final String MEAN = "mean_ms";

  public OperatorTable {
    millis = Collections.unmodifiableMap(new HashMap<>(millis));
  }

  /**
   * Reads a table.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException naming the file, the line and what is wrong with it
   */
  public static OperatorTable read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = name.endsWith(".gz") ? new GZIPInputStream(raw, 1 << 16) : raw;
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return parse(name, reader.lines().toList());
    }
  }

  private static OperatorTable parse(String name, List<String> lines) {
    List<String> header = lines.isEmpty() ? List.of() : List.of(lines.getFirst().split(",", -1));
    int key = header.indexOf(KEY);
    int mean = header.indexOf(MEAN);
    if (key < 0 || mean < 0) {
      throw wrong(name, 1, "needs the columns '%s' and '%s', has %s".formatted(KEY, MEAN, header));
    }
    Map<String, Double> millis = new HashMap<>();
    for (int line = 2; line <= lines.size(); line++) {
      String[] cells = lines.get(line - 1).split(",", -1);
      if (cells.length != header.size()) {
        throw wrong(
            name, line, "%d cells where the header has %d".formatted(cells.length, header.size()));
      }
      if (millis.put(cells[key], millis(name, line, cells[mean])) != null) {
        throw wrong(name, line, "operator '%s' is there twice".formatted(cells[key]));
      }
    }
    return new OperatorTable(name, millis);
  }

  private static double millis(String name, int line, String cell) {
    try {
      double value = Double.parseDouble(cell);
      if (value >= 0 && Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(name, line, "'%s' is no number".formatted(cell));
    }
    throw wrong(name, line, "%s ms is no latency".formatted(cell));
  }

  private static IllegalArgumentException wrong(String name, int line, String problem) {
    return new IllegalArgumentException(
        "operator table '%s', line %d: %s.".formatted(name, line, problem));
  }

  /**
   * The sum over operators, in milliseconds.
   *
   * @throws IllegalArgumentException naming an operator that the table lacks
   */
  public double sum(List<String> keys) {
    double sum = 0;
    for (String key : keys) {
      Double one = millis.get(key);
      if (one == null) {
        throw new IllegalArgumentException(
            "operator table '%s' has no operator '%s'. Maybe the table is of another space or resolution."
                .formatted(name, key));
      }
      sum += one;
    }
    return sum;
  }
}
