package dev.lathe.data.folder;

import dev.lathe.data.DataException;
import dev.lathe.data.Split;
import dev.lathe.data.picture.PictureKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Which column of a table of labels is what, by the names in its first row or, where that is data
 * already, by what stands in it.
 *
 * @param file column of the pictures' names
 * @param label column of the classes
 * @param split column of the splits, in words; empty if there is none
 * @param validates column that says 'true' for validation images; empty if there is none
 * @param named whether the first row holds names of columns
 */
record TableColumns(int file, int label, OptionalInt split, OptionalInt validates, boolean named) {
  // Each in the order in which they are preferred.
  private static final List<String> FILE =
      List.of(
          "file",
          "filename",
          "filepath",
          "path",
          "image",
          "imagepath",
          "imagefile",
          "imagename",
          "imagefilename",
          "img",
          "imgpath",
          "imgname",
          "imgfile",
          "picture",
          "photo",
          "imageid",
          "imgid",
          "fileid",
          "id",
          "name");
  private static final List<String> LABEL =
      List.of(
          "label",
          "labels",
          "labelname",
          "class",
          "classname",
          "classlabel",
          "category",
          "categoryname",
          "target",
          "y",
          "species",
          "breed",
          "diagnosis",
          "dx",
          "tag",
          "variety",
          "labelid",
          "classid",
          "categoryid");
  private static final List<String> SPLIT =
      List.of("split", "set", "subset", "partition", "usage", "phase", "dataset", "datasplit");
  private static final List<String> VALIDATES = List.of("isvalid", "isval", "isvalidation");

  /**
   * Finds the columns.
   *
   * @param rows the first rows of the table
   * @throws DataException naming the columns there are if files or labels are not among them
   */
  static TableColumns of(Path table, List<List<String>> rows) {
    List<String> first = rows.getFirst();
    List<String> names = first.stream().map(TableColumns::plain).toList();
    OptionalInt file = among(names, FILE);
    OptionalInt label = among(names, LABEL);
    if (file.isEmpty() && label.isEmpty()) {
      return unnamed(table, rows);
    }
    OptionalInt split = among(names, SPLIT).stream().filter(c -> saysSplits(rows, c)).findFirst();
    OptionalInt validates = among(names, VALIDATES);
    List<Integer> others = new ArrayList<>();
    for (int c = 0; c < names.size(); c++) {
      boolean known =
          names.get(c).isEmpty()
              || names.get(c).equals("unnamed0")
              || is(file, c)
              || is(label, c)
              || is(split, c)
              || is(validates, c);
      if (!known) {
        others.add(c);
      }
    }
    if (file.isEmpty() && others.size() == 1) {
      file = OptionalInt.of(others.getFirst());
    }
    if (label.isEmpty() && others.size() == 1) {
      label = OptionalInt.of(others.getFirst());
    }
    if (file.isEmpty() || label.isEmpty()) {
      throw new DataException(
          table,
          "its columns (%s) have no %s. Maybe name one of them '%s'."
              .formatted(
                  String.join(", ", first),
                  file.isEmpty() ? "file names" : "labels",
                  file.isEmpty() ? "file" : "label"));
    }
    return new TableColumns(file.getAsInt(), label.getAsInt(), split, validates, true);
  }

  private static boolean is(OptionalInt column, int c) {
    return column.isPresent() && column.getAsInt() == c;
  }

  /** Without a row of names: file, label and perhaps split. */
  private static TableColumns unnamed(Path table, List<List<String>> rows) {
    List<String> first = rows.getFirst();
    OptionalInt file =
        IntStream.range(0, first.size())
            .filter(c -> PictureKind.named(first.get(c)).isPresent())
            .findFirst();
    if (file.isEmpty() || first.size() < 2 || first.size() > 3) {
      throw new DataException(
          table,
          "its first row (%s) neither names columns nor holds a picture's name. Maybe begin it with a row 'file,label'."
              .formatted(String.join(", ", first)));
    }
    OptionalInt split =
        first.size() < 3
            ? OptionalInt.empty()
            : IntStream.range(0, 3)
                .filter(c -> c != file.getAsInt() && saysSplit(first.get(c)))
                .findFirst();
    int label =
        IntStream.range(0, first.size())
            .filter(c -> c != file.getAsInt() && !is(split, c))
            .findFirst()
            .orElseThrow();
    return new TableColumns(file.getAsInt(), label, split, OptionalInt.empty(), false);
  }

  /** The split of a row. */
  Optional<Split> split(List<String> row) {
    if (split.isPresent()) {
      return SplitNames.read(cell(row, split.getAsInt())).map(SplitNames.Named::split);
    }
    if (validates.isPresent()) {
      String text = cell(row, validates.getAsInt()).toLowerCase(Locale.ROOT);
      return Optional.of(
          text.equals("true") || text.equals("1") || text.equals("yes")
              ? Split.VALIDATION
              : Split.TRAIN);
    }
    return Optional.empty();
  }

  /** A cell, empty where the row is too short. */
  static String cell(List<String> row, int column) {
    return column < row.size() ? row.get(column) : "";
  }

  private static boolean saysSplits(List<List<String>> rows, int column) {
    return rows.stream()
        .skip(1)
        .map(row -> cell(row, column))
        .allMatch(text -> text.isEmpty() || saysSplit(text));
  }

  private static boolean saysSplit(String text) {
    return SplitNames.read(text).filter(SplitNames.Named::plain).isPresent();
  }

  private static OptionalInt among(List<String> names, List<String> known) {
    return known.stream().mapToInt(names::indexOf).filter(c -> c >= 0).findFirst();
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\d]+", "");
  }
}
