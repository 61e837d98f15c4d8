package dev.lathe.data.archive;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqStruct;
import dev.hardwood.schema.FileSchema;
import dev.hardwood.schema.SchemaNode;
import dev.lathe.data.DataException;
import dev.lathe.data.Progress;
import dev.lathe.data.Split;
import dev.lathe.data.folder.SplitNames;
import dev.lathe.data.picture.PictureKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Parquet files with pictures in them, as Hugging Face's data sets have them: a column of bytes, or
 * a group of {@code bytes} and {@code path}; a column of labels, numbers that the file's metadata
 * name or names themselves; the split in the file's name. They are written out as picture files and
 * a table of labels.
 */
public final class ParquetPictures {
  /** The table of labels among what is written out. */
  public static final String TABLE = "labels.csv";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LABELS =
      List.of("label", "labels", "fine_label", "class", "category", "target", "class_name", "y");
  private static final int A_FOLDER = 1000;
  private static final int TOLD = 200;

  private final Path folder;
  private final IntakeLimits limits;
  private long bytes;
  private int pictures;

  private ParquetPictures(Path folder, IntakeLimits limits) {
    this.folder = folder;
    this.limits = limits;
  }

  /**
   * Where pictures and labels stand in a file.
   *
   * @param grouped whether the pictures are groups of bytes and a path
   * @param names of the labels by their number; empty where labels are names
   */
  private record Columns(
      String picture, boolean grouped, String label, boolean text, List<String> names) {}

  /** The Parquet files that a place stands for: itself, or those anywhere below it. */
  public static List<Path> files(Path place) {
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    try (Stream<Path> below = Files.walk(place, 4)) {
      List<Path> files =
          below
              .filter(file -> file.getFileName().toString().endsWith(".parquet"))
              .filter(Files::isRegularFile)
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new DataException(
            place, "there is no file named *.parquet in this folder. Maybe the path is wrong.");
      }
      return files;
    } catch (IOException e) {
      throw new DataException(place, "it cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Writes the pictures of files out.
   *
   * @param folder empty; receives the pictures and {@value #TABLE}
   * @throws DataException naming a file that cannot be read or holds no pictures with labels
   * @throws IntakeRefused if there are more than the limits allow
   */
  public static void unpack(List<Path> files, Path folder, IntakeLimits limits, Progress progress)
      throws IOException {
    ParquetPictures out = new ParquetPictures(folder, limits);
    try (CSVPrinter table =
        new CSVPrinter(
            Files.newBufferedWriter(folder.resolve(TABLE), StandardCharsets.UTF_8),
            CSVFormat.DEFAULT)) {
      table.printRecord("file", "label", "split");
      long all = 0;
      for (Path file : files) {
        all += Files.size(file);
      }
      long done = 0;
      for (Path file : files) {
        long size = Files.size(file);
        out.read(file, progress.between((double) done / all, (double) (done + size) / all), table);
        done += size;
      }
    }
  }

  private void read(Path file, Progress part, CSVPrinter table) throws IOException {
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      Columns columns = columns(file, reader);
      Optional<Split> split = split(file);
      long rows = Math.max(1, reader.getFileMetaData().numRows());
      long row = 0;
      try (RowReader at = reader.rowReader()) {
        while (at.hasNext()) {
          at.next();
          write(at, columns, split, table);
          if (++row % TOLD == 0) {
            part.at((double) row / rows, "unpacking (%d pictures)".formatted(pictures));
          }
        }
      }
    } catch (DataException | IntakeRefused e) {
      throw e;
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new DataException(file, "it cannot be read as Parquet: %s".formatted(oneLine(e)), e);
    }
  }

  private static String oneLine(Throwable e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return text.lines().findFirst().orElse("");
  }

  private void write(RowReader row, Columns columns, Optional<Split> split, CSVPrinter table)
      throws IOException {
    if (row.isNull(columns.picture()) || row.isNull(columns.label())) {
      return;
    }
    byte[] picture;
    if (columns.grouped()) {
      PqStruct group = row.getStruct(columns.picture());
      if (group.isNull("bytes")) {
        return; // Only a path on the machine where the data were made.
      }
      picture = group.getBinary("bytes");
    } else {
      picture = row.getBinary(columns.picture());
    }
    bytes += picture.length;
    if (bytes > limits.bytes() || pictures >= limits.files()) {
      throw IntakeRefused.tooLarge(
          "the pictures are more than %d or have more than %d bytes, the most that is unpacked."
              .formatted(limits.files(), limits.bytes()));
    }
    if (pictures % A_FOLDER == 0) {
      Files.createDirectories(folder.resolve(Integer.toString(pictures / A_FOLDER)));
      if (Files.getFileStore(folder).getUsableSpace() < limits.free()) {
        throw IntakeRefused.tooLarge("the disk has no room for what is unpacked.");
      }
    }
    String ending =
        PictureKind.of(Arrays.copyOf(picture, Math.min(picture.length, PictureKind.HEAD)))
            .map(kind -> "." + kind.name().toLowerCase(Locale.ROOT))
            .orElse("");
    String name = "%d/%07d%s".formatted(pictures / A_FOLDER, pictures, ending);
    Files.write(folder.resolve(name), picture);
    table.printRecord(
        name, label(row, columns), split.map(Split::name).orElse("").toLowerCase(Locale.ROOT));
    pictures++;
  }

  private static String label(RowReader row, Columns columns) {
    if (columns.text()) {
      return row.getString(columns.label());
    }
    long number = ((Number) row.getValue(columns.label())).longValue();
    if (number >= 0 && number < columns.names().size()) {
      return columns.names().get((int) number);
    }
    return Long.toString(number);
  }

  private static Columns columns(Path file, ParquetFileReader reader) throws IOException {
    FileSchema schema = reader.getFileSchema();
    List<SchemaNode> all = schema.getRootNode().children();
    Optional<SchemaNode> grouped =
        all.stream()
            .filter(
                node ->
                    node instanceof SchemaNode.GroupNode group
                        && group.children().stream().anyMatch(one -> one.name().equals("bytes")))
            .findFirst();
    Optional<SchemaNode> picture =
        grouped.or(() -> all.stream().filter(ParquetPictures::isBytes).findFirst());
    Optional<SchemaNode> label =
        LABELS.stream()
            .flatMap(name -> all.stream().filter(node -> node.name().equalsIgnoreCase(name)))
            .filter(node -> node instanceof SchemaNode.PrimitiveNode)
            .findFirst();
    if (picture.isEmpty() || label.isEmpty()) {
      throw new DataException(
          file,
          "its columns (%s) have no %s. Maybe it is no data set for image classification."
              .formatted(
                  String.join(", ", all.stream().map(SchemaNode::name).toList()),
                  picture.isEmpty()
                      ? "pictures: bytes, or a group of 'bytes' and 'path'"
                      : "labels: one of " + String.join(", ", LABELS)));
    }
    SchemaNode.PrimitiveNode labels = (SchemaNode.PrimitiveNode) label.get();
    boolean text = labels.type() == PhysicalType.BYTE_ARRAY;
    return new Columns(
        picture.get().name(),
        grouped.isPresent(),
        labels.name(),
        text,
        text ? List.of() : names(reader, labels.name()));
  }

  private static boolean isBytes(SchemaNode node) {
    return node instanceof SchemaNode.PrimitiveNode primitive
        && primitive.type() == PhysicalType.BYTE_ARRAY
        && primitive.logicalType() == null;
  }

  /** The names of a label's numbers, where Hugging Face's metadata tell them. */
  private static List<String> names(ParquetFileReader reader, String label) throws IOException {
    String text = reader.getFileMetaData().keyValueMetadata().get("huggingface");
    List<String> names = new ArrayList<>();
    if (text != null) {
      JsonNode feature = JSON.readTree(text).path("info").path("features").path(label);
      feature.path("names").forEach(name -> names.add(name.asText()));
    }
    return names;
  }

  /**
   * The split that a file's name says, as {@code train-00000-of-00002.parquet}, or its folder's.
   */
  private static Optional<Split> split(Path file) {
    String name = file.getFileName().toString().replaceAll("\\.parquet$", "");
    return SplitNames.read(name.replaceAll("[-_.]?\\d+([-_]of[-_]\\d+)?", ""))
        .or(
            () ->
                Optional.ofNullable(file.toAbsolutePath().getParent())
                    .flatMap(parent -> SplitNames.read(String.valueOf(parent.getFileName()))))
        .map(SplitNames.Named::split);
  }
}
