package dev.lathe.cli.data;

import dev.lathe.data.DataReport;
import dev.lathe.data.Findings;
import dev.lathe.data.PictureFacts;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.Collectors;

/** A data report for people: three lines where all is well. */
public final class DataText {
  private static final int CLASSES = 30;
  private static final int FILES = 20;

  private DataText() {}

  /** Prints a report. */
  public static void print(DataReport report, PrintWriter out) {
    out.printf(
        "data: %s, %d classes, %d training, %d validation, %d test images of %s (%s)%n",
        report.name(),
        report.classes().size(),
        report.classes().stream().mapToInt(DataReport.ClassCount::train).sum(),
        report.classes().stream().mapToInt(DataReport.ClassCount::validation).sum(),
        report.classes().stream().mapToInt(DataReport.ClassCount::test).sum(),
        report.shape(),
        report.division());
    List<DataReport.ClassCount> some =
        report.classes().subList(0, Math.min(CLASSES, report.classes().size()));
    out.printf(
        "  classes: %s%s%n",
        some.stream()
            .map(
                one ->
                    "%s %d/%d/%d".formatted(one.name(), one.train(), one.validation(), one.test()))
            .collect(Collectors.joining(", ")),
        some.size() < report.classes().size() ? " …" : "");
    report.files().ifPresent(files -> print(files, out));
    report.skipped().forEach((kind, count) -> out.printf("  passed over: %d %s%n", count, kind));
    List<Findings.Unreadable> bad = report.unreadable();
    bad.stream()
        .limit(FILES)
        .forEach(file -> out.printf("  left out: %s: %s%n", file.file(), file.reason()));
    if (bad.size() > FILES) {
      out.printf("  left out: and %d more%n", bad.size() - FILES);
    }
    report.warnings().forEach(text -> out.printf("  note: %s%n", text));
    out.flush();
  }

  private static void print(PictureFacts files, PrintWriter out) {
    out.printf(
        "  files: %s; shorter sides from %d pixels, median %d; longest side %d%s%n",
        files.kinds().entrySet().stream()
            .map(entry -> "%d %s".formatted(entry.getValue(), entry.getKey().label()))
            .sorted()
            .collect(Collectors.joining(", ")),
        files.smallest(),
        files.median(),
        files.largest(),
        files.oriented() == 0
            ? ""
            : "; %d turned upright by their orientation tag".formatted(files.oriented()));
  }
}
