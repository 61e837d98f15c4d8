package dev.lathe.cli.gate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Findings as files that CI systems show. */
final class GateReports {
  private GateReports() {}

  /** JUnit's XML: a test case a finding. */
  static void junit(Path file, String artifact, List<Finding> findings) throws IOException {
    long failures = findings.stream().filter(finding -> !finding.passed()).count();
    StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.append(
        "<testsuite name=\"lathe gate\" tests=\"%d\" failures=\"%d\">%n"
            .formatted(findings.size(), failures));
    for (Finding finding : findings) {
      xml.append(
          "  <testcase classname=\"%s\" name=\"%s\">%n"
              .formatted(escaped(artifact), escaped(finding.metric())));
      xml.append(
          finding.passed()
              ? "    <system-out>%s</system-out>%n".formatted(escaped(finding.text()))
              : "    <failure message=\"%s\"/>%n".formatted(escaped(finding.text())));
      xml.append("  </testcase>\n");
    }
    Files.writeString(file, xml.append("</testsuite>\n"));
  }

  /** A table for a comment or a job's summary. */
  static void markdown(Path file, String artifact, List<Finding> findings) throws IOException {
    StringBuilder text = new StringBuilder("### lathe gate: `%s`%n%n".formatted(artifact));
    text.append("| | metric | finding |\n|---|---|---|\n");
    for (Finding finding : findings) {
      text.append(
          "| %s | `%s` | %s |%n"
              .formatted(
                  finding.passed() ? "✓" : "✗",
                  finding.metric(),
                  finding.text().replace("|", "\\|")));
    }
    Files.writeString(file, text);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
