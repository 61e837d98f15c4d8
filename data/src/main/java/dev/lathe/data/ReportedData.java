package dev.lathe.data;

import java.util.List;

/**
 * A data report for programs: what {@code ./lathe data --json} writes and searches keep.
 *
 * @param oriented pictures that were turned upright by their orientation tag
 * @see DataReport for the others
 */
public record ReportedData(
    List<DataReport.ClassCount> classes,
    ImageShape shape,
    String division,
    List<Skipped> skipped,
    List<Findings.Unreadable> unreadable,
    Duplicates duplicates,
    int oriented,
    List<String> warnings) {
  /** Files of a kind that were passed over. */
  public record Skipped(String kind, int count) {}

  public ReportedData {
    classes = List.copyOf(classes);
    skipped = List.copyOf(skipped);
    unreadable = List.copyOf(unreadable);
    warnings = List.copyOf(warnings);
  }

  /** What a report says. */
  public static ReportedData of(DataReport report) {
    return new ReportedData(
        report.classes(),
        report.shape(),
        report.division(),
        report.skipped().entrySet().stream()
            .map(entry -> new Skipped(entry.getKey(), entry.getValue()))
            .toList(),
        report.unreadable(),
        report.duplicates(),
        report.files().map(PictureFacts::oriented).orElse(0),
        report.warnings());
  }
}
