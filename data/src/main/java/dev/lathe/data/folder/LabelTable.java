package dev.lathe.data.folder;

import dev.lathe.data.DataException;
import dev.lathe.data.Findings;
import dev.lathe.data.Split;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Lists pictures by a table: a row names a picture, its class and perhaps its split. Fields are
 * separated by commas, semicolons or tabulators; names of files are taken from the table's folder.
 */
public final class LabelTable {
  private static final int LOOKED_AT = 200;
  private static final int BYTE_ORDER_MARK = '\uFEFF';

  private final Findings findings = new Findings();
  private final Path place;
  private final PictureLookup lookup;
  private final List<Row> rows = new ArrayList<>();
  private final Map<Path, Row> seen = new HashMap<>();
  private int missing;

  private LabelTable(Path place, Path base, boolean confined) {
    this.place = place;
    this.lookup = new PictureLookup(base, confined);
  }

  private record Row(Path file, String label, Split split) {}

  /**
   * Lists pictures.
   *
   * @param place a table; or a folder with one, or with several that are named like splits: then
   *     only pictures below the folder may be named
   * @throws DataException saying what is wrong with the table
   */
  public static Listing of(Path place) {
    Path whole = place.toAbsolutePath().normalize();
    boolean folder = Files.isDirectory(whole);
    Path base = folder ? whole : whole.getParent();
    LabelTable table = new LabelTable(whole, base == null ? whole : base, folder);
    for (Map.Entry<Path, Split> one :
        (folder ? tables(whole) : Map.of(whole, Split.WHOLE)).entrySet()) {
      table.read(one.getKey(), one.getValue());
    }
    return table.listing();
  }

  /**
   * Fails early.
   *
   * @throws DataException if a folder has no table
   */
  public static void check(Path place) {
    if (Files.isDirectory(place)) {
      var unused = tables(place);
    }
  }

  /** The tables directly in a folder, and what each is for. */
  private static Map<Path, Split> tables(Path folder) {
    List<Path> all;
    try (Stream<Path> files = Files.list(folder)) {
      all =
          files
              .filter(
                  file -> FileWalk.nameOf(file).toLowerCase(Locale.ROOT).matches("[^.].*\\.[ct]sv"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
    } catch (IOException e) {
      throw new DataException(folder, FileWalk.reason(e), e);
    }
    if (all.size() == 1) {
      return Map.of(all.getFirst(), Split.WHOLE);
    }
    Map<Path, Split> splits = new HashMap<>();
    for (Path file : all) {
      String name = FileWalk.nameOf(file);
      SplitNames.read(name.substring(0, name.length() - 4))
          .ifPresent(named -> splits.put(file, named.split()));
    }
    if (!splits.containsValue(Split.TRAIN)) {
      throw new DataException(
          folder,
          all.isEmpty()
              ? "there is no table (*.csv, *.tsv) in this folder. Maybe name the table itself: csv:FILE."
              : "there are %d tables in this folder. Maybe name one of them: csv:%s."
                  .formatted(all.size(), all.getFirst()));
    }
    return splits;
  }

  private void read(Path table, Split usual) {
    try (Reader in = open(table);
        CSVParser parser = CSVParser.parse(in, format(table))) {
      List<List<String>> first = new ArrayList<>();
      TableColumns columns = null;
      for (CSVRecord record : parser) {
        List<String> row = record.stream().map(String::strip).toList();
        if (columns != null) {
          add(table, columns, row, parser.getCurrentLineNumber(), usual);
          continue;
        }
        first.add(row);
        if (first.size() == LOOKED_AT) {
          columns = begin(table, first, usual);
        }
      }
      if (first.isEmpty()) {
        throw new DataException(table, "the table is empty.");
      }
      if (columns == null) {
        begin(table, first, usual);
      }
    } catch (CharacterCodingException e) {
      throw new DataException(table, "its letters are not UTF-8. Maybe save it as 'CSV UTF-8'.", e);
    } catch (CSVException e) {
      throw new DataException(table, "it is no table that can be read: " + e.getMessage(), e);
    } catch (IOException | java.io.UncheckedIOException e) {
      IOException cause =
          e instanceof java.io.UncheckedIOException u ? u.getCause() : (IOException) e;
      throw new DataException(
          table,
          cause instanceof CharacterCodingException
              ? "its letters are not UTF-8. Maybe save it as 'CSV UTF-8'."
              : FileWalk.reason(cause),
          e);
    }
  }

  private TableColumns begin(Path table, List<List<String>> first, Split usual) {
    TableColumns columns = TableColumns.of(table, first);
    for (int r = columns.named() ? 1 : 0; r < first.size(); r++) {
      add(table, columns, first.get(r), r + 1L, usual);
    }
    return columns;
  }

  private static Reader open(Path table) throws IOException {
    Charset charset = StandardCharsets.UTF_8;
    try (InputStream in = Files.newInputStream(table)) {
      byte[] head = in.readNBytes(2);
      boolean wide =
          head.length == 2
              && ((head[0] & 0xff) == 0xff && (head[1] & 0xff) == 0xfe
                  || (head[0] & 0xff) == 0xfe && (head[1] & 0xff) == 0xff);
      if (wide) {
        charset = StandardCharsets.UTF_16;
      }
    }
    BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(table), charset.newDecoder()));
    reader.mark(1);
    if (reader.read() != BYTE_ORDER_MARK) {
      reader.reset();
    }
    return reader;
  }

  private static CSVFormat format(Path table) throws IOException {
    String line;
    try (BufferedReader reader = new BufferedReader(open(table))) {
      line = Optional.ofNullable(reader.readLine()).orElse("");
    }
    char delimiter =
        Stream.of(',', ';', '\t')
            .max(Comparator.comparingLong(c -> line.chars().filter(letter -> letter == c).count()))
            .orElse(',');
    return CSVFormat.DEFAULT.builder().setDelimiter(delimiter).get();
  }

  private void add(Path table, TableColumns columns, List<String> row, long line, Split usual) {
    String name = TableColumns.cell(row, columns.file());
    String label = TableColumns.cell(row, columns.label());
    if (name.isEmpty() || label.isEmpty()) {
      findings.skip(name.isEmpty() ? "rows without a file" : "rows without a label");
      return;
    }
    PictureLookup.Found found = lookup.find(name);
    if (!found.problem().isEmpty()) {
      findings.unreadable(
          found.file(),
          "'%s' in line %d of %s %s".formatted(name, line, table.getFileName(), found.problem()));
      missing++;
      return;
    }
    Row here = new Row(found.file(), label, columns.split(row).orElse(usual));
    Row before = seen.putIfAbsent(found.file(), here);
    if (before == null) {
      rows.add(here);
    } else if (before.equals(here)) {
      findings.skip("rows that repeat another");
    } else {
      throw new DataException(
          table,
          "line %d names '%s' once more, %s. Maybe only one of them is right."
              .formatted(
                  line,
                  name,
                  before.label().equals(label)
                      ? "for another split"
                      : "as '%s' instead of '%s'".formatted(label, before.label())));
    }
  }

  private Listing listing() {
    if (rows.isEmpty()) {
      throw new DataException(
          place,
          missing == 0
              ? "it names no picture."
              : "none of the %d pictures that it names can be found: %s Names are taken from the table's folder."
                  .formatted(missing, findings.unreadable().getFirst().reason()));
    }
    boolean trains = rows.stream().anyMatch(row -> row.split() == Split.TRAIN);
    boolean divided =
        rows.stream().anyMatch(row -> row.split() == Split.VALIDATION || row.split() == Split.TEST);
    TreeSet<String> classes = new TreeSet<>();
    List<Row> known = new ArrayList<>();
    for (Row row : rows) {
      Split split = row.split();
      if (!divided) {
        split = Split.WHOLE;
      } else if (split == Split.WHOLE) {
        split = Split.TRAIN; // Rows that say nothing, among such that do.
        trains = true;
      }
      classes.add(row.label());
      known.add(new Row(row.file(), row.label(), split));
    }
    if (divided && !trains) {
      throw new DataException(place, "none of its rows is for training.");
    }
    List<String> names = List.copyOf(classes);
    Map<String, Integer> labels = new HashMap<>();
    for (int c = 0; c < names.size(); c++) {
      labels.put(names.get(c), c);
    }
    List<Listing.Item> items =
        known.stream()
            .map(
                row ->
                    new Listing.Item(row.file(), labels.getOrDefault(row.label(), 0), row.split()))
            .sorted(
                Comparator.comparing(Listing.Item::split)
                    .thenComparingInt(Listing.Item::label)
                    .thenComparing(Listing.Item::file))
            .toList();
    return new Listing("csv:" + place.getFileName(), names, items, findings);
  }
}
