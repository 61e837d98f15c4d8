package dev.lathe.space.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;

/**
 * Recorded measurements of architectures: a CSV file, plain or gzipped, with one row an
 * architecture, columns {@code gene:<name>} for its choices and {@code metric:<name>_<unit>} for
 * its values. An empty metric cell is a missing value. The choices of a gene are the distinct
 * labels of its column, numbers in numeric order, other labels in alphabetical order.
 */
public final class MeasurementTable {
  private static final String GENE = "gene:";
  private static final String METRIC = "metric:";

  private final String name;
  private final List<Gene> genes;
  private final int[][] choices;
  private final Map<String, double[]> metrics;
  private final Map<Architecture, Integer> rows;

  private MeasurementTable(
      String name, List<Gene> genes, int[][] choices, Map<String, double[]> metrics) {
    this.name = name;
    this.genes = List.copyOf(genes);
    this.choices = choices;
    this.metrics = metrics;
    this.rows = HashMap.newHashMap(choices.length);
    for (int row = 0; row < choices.length; row++) {
      rows.putIfAbsent(Architecture.of(choices[row]), row);
    }
  }

  /**
   * Reads a table.
   *
   * @throws IOException if the file cannot be read
   * @throws TableFormatException naming the file, line and column that is not as it must be
   */
  public static MeasurementTable read(Path file) throws IOException {
    try (InputStream raw = Files.newInputStream(file)) {
      return read(file.getFileName().toString(), raw);
    }
  }

  /**
   * Reads a table.
   *
   * @param raw plain or gzipped; not closed here
   * @throws IOException if it cannot be read
   * @throws TableFormatException as above
   */
  public static MeasurementTable read(String name, InputStream raw) throws IOException {
    BufferedInputStream in = new BufferedInputStream(raw, 1 << 16);
    in.mark(2);
    boolean gzipped = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    InputStream text = gzipped ? new GZIPInputStream(in, 1 << 16) : in;
    return parse(name, new BufferedReader(new InputStreamReader(text, StandardCharsets.UTF_8)));
  }

  private static MeasurementTable parse(String name, BufferedReader reader) throws IOException {
    String header = reader.readLine();
    if (header == null) {
      throw new TableFormatException(name, 1, "the file is empty");
    }
    String[] columns = header.split(",", -1);
    List<String[]> cells = new ArrayList<>();
    int lineNumber = 1;
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lineNumber++;
      if (line.isBlank()) {
        continue;
      }
      String[] row = line.split(",", -1);
      if (row.length != columns.length) {
        throw new TableFormatException(
            name,
            lineNumber,
            "%d cells where the header has %d".formatted(row.length, columns.length));
      }
      cells.add(row);
    }
    List<Gene> genes = new ArrayList<>();
    List<Integer> geneColumns = new ArrayList<>();
    Map<String, double[]> metrics = new LinkedHashMap<>();
    for (int column = 0; column < columns.length; column++) {
      if (columns[column].startsWith(GENE)) {
        genes.add(gene(columns[column].substring(GENE.length()), cells, column));
        geneColumns.add(column);
      } else if (columns[column].startsWith(METRIC)) {
        metrics.put(
            columns[column].substring(METRIC.length()),
            metric(name, columns[column], cells, column));
      } else {
        throw new TableFormatException(
            name,
            1,
            "column '%s' starts with neither 'gene:' nor 'metric:'".formatted(columns[column]));
      }
    }
    if (genes.isEmpty()) {
      throw new TableFormatException(name, 1, "no column starts with 'gene:'");
    }
    int[][] choices = new int[cells.size()][genes.size()];
    for (int g = 0; g < genes.size(); g++) {
      Map<String, Integer> index = new HashMap<>();
      for (String label : genes.get(g).choices()) {
        index.put(label, index.size());
      }
      for (int row = 0; row < choices.length; row++) {
        choices[row][g] = index.get(cells.get(row)[geneColumns.get(g)]);
      }
    }
    return new MeasurementTable(name, genes, choices, metrics);
  }

  private static Gene gene(String name, List<String[]> cells, int column) {
    TreeSet<String> labels = new TreeSet<>(MeasurementTable::compareLabels);
    cells.forEach(row -> labels.add(row[column]));
    return new Gene(name, List.copyOf(labels));
  }

  private static int compareLabels(String left, String right) {
    boolean numbers = left.matches("-?\\d{1,15}") && right.matches("-?\\d{1,15}");
    return numbers
        ? Long.compare(Long.parseLong(left), Long.parseLong(right))
        : left.compareTo(right);
  }

  private static double[] metric(String file, String header, List<String[]> cells, int column) {
    double[] values = new double[cells.size()];
    for (int row = 0; row < values.length; row++) {
      String cell = cells.get(row)[column];
      try {
        values[row] = number(cell);
      } catch (NumberFormatException e) {
        throw new TableFormatException(
            file, row + 2, "'%s' in column '%s' is no number".formatted(cell, header));
      }
    }
    return values;
  }

  /** As Python, R and Java write numbers, infinite ones too; an empty cell is NaN. */
  private static double number(String cell) {
    return switch (cell.toLowerCase(Locale.ROOT)) {
      case "", "nan" -> Double.NaN;
      case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
      case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(cell);
    };
  }

  /**
   * The table with a further metric, for example one computed from its genes.
   *
   * @param values one a row, NaN where missing
   * @throws IllegalArgumentException if the table has the metric already, or other rows
   */
  public MeasurementTable with(String metric, double[] values) {
    if (metrics.containsKey(metric) || values.length != choices.length) {
      throw new IllegalArgumentException(
          "metric '%s' with %d values cannot be added to table '%s' of %d rows with metrics %s."
              .formatted(metric, values.length, name, choices.length, metrics.keySet()));
    }
    Map<String, double[]> more = new LinkedHashMap<>(metrics);
    more.put(metric, values.clone());
    return new MeasurementTable(name, genes, choices, more);
  }

  /** The file's name. */
  public String name() {
    return name;
  }

  public List<Gene> genes() {
    return genes;
  }

  /** The number of rows. */
  public int rows() {
    return choices.length;
  }

  /** The architecture of a row. */
  public Architecture architecture(int row) {
    return Architecture.of(choices[row]);
  }

  /** The index of the choice of gene {@code gene} in row {@code row}. */
  public int choice(int row, int gene) {
    return choices[row][gene];
  }

  /** The row of an architecture, or empty if the table has none: a missing row, not an error. */
  public OptionalInt row(Architecture architecture) {
    Integer row = rows.get(architecture);
    return row == null ? OptionalInt.empty() : OptionalInt.of(row);
  }

  /** Names of the metrics, for example {@code pixel3_latency_ms}. */
  public List<String> metrics() {
    return List.copyOf(metrics.keySet());
  }

  /**
   * A copy of all values of a metric in the order of the rows; a missing value is NaN. The name may
   * carry the column's prefix {@code metric:}.
   *
   * @throws IllegalArgumentException if the table has no such metric
   */
  public double[] metric(String metric) {
    String bare = metric.startsWith(METRIC) ? metric.substring(METRIC.length()) : metric;
    double[] values = metrics.get(bare);
    if (values == null) {
      throw new IllegalArgumentException(
          "table '%s' has no metric '%s'. Maybe one of %s."
              .formatted(name, bare, metrics.keySet()));
    }
    return values.clone();
  }
}
