package dev.lathe.cli.compress;

import dev.lathe.compress.NodeOutcome;
import dev.lathe.compress.claim.Blame;
import dev.lathe.compress.claim.Score;
import dev.lathe.compress.recipe.StepReport;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells people what compression did. */
final class CompressionText {
  private static final int NAMES = 3;

  private CompressionText() {}

  static void print(PrintWriter out, CompressCommand.Report report) {
    out.printf(
        "%s: %s%s%n",
        report.onnx(),
        report.verdict(),
        report.reasons().isEmpty() ? "" : " (" + String.join("; ", report.reasons()) + ")");
    out.printf(
        "  %,d bytes, %.3f of %,d; %.3f ms, before %.3f ms; worst output %s%s; %.1f s, %.0f MB at"
            + " most%n",
        report.bytes(),
        (double) report.bytes() / report.floatBytes(),
        report.floatBytes(),
        report.latencyMillis(),
        report.original().latencyMillis(),
        report.outputs().isEmpty() ? "the same" : decibels(report.outputs().getFirst()),
        report.onNoise() ? " on noise" : " on held-out inputs",
        report.seconds(),
        report.peakMegabytes());
    Score score = report.score();
    if (score != null) {
      out.printf(
          "  %s %.4f, before %.4f: %.4f lost, at least %.4f and at most %.4f with 95 %% confidence"
              + " each, on %d items%n",
          score.name(),
          score.compressed(),
          score.original(),
          score.drop(),
          score.lower95(),
          score.upper95(),
          score.items());
    }
    if (report.outputs().size() > 1) {
      report.outputs().forEach(o -> out.printf("    output '%s' %s%n", o.name(), decibels(o)));
    }
    if (report.budget() != null) {
      out.printf(
          "  limit %s with confidence %s: %s; %.4f lost on %d items, %s%n",
          report.budget().maxDrop(),
          report.budget().confidence(),
          report.budget().kept() ? "kept" : "NOT KEPT",
          report.budget().drop(),
          report.budget().items(),
          report.budget().note());
    }
    report.notes().forEach(note -> out.printf("  %s%n", note));
    for (StepReport step : report.steps()) {
      print(out, step);
    }
    if (report.outputDecibels() < 30 && !report.blame().isEmpty()) {
      out.printf("  most is lost at%n");
      for (Blame blame : report.blame().subList(0, Math.min(5, report.blame().size()))) {
        out.printf("    '%s' %s%n", blame.tensor(), decibels(blame.sqnrDecibels()));
      }
    }
    out.flush();
  }

  private static String decibels(CompressCommand.Output output) {
    return Double.isFinite(output.lower95())
        ? "%.1f dB (%.1f to %.1f)"
            .formatted(output.sqnrDecibels(), output.lower95(), output.upper95())
        : decibels(output.sqnrDecibels());
  }

  private static String decibels(double value) {
    return value == Double.POSITIVE_INFINITY ? "the same" : "%.1f dB".formatted(value);
  }

  private static void print(PrintWriter out, StepReport step) {
    out.printf(
        "  %-14s %,12d bytes  worst output %s  fused against literal %s  %6.1f s  %.3f ms  %.0f MB"
            + " resident%n",
        step.step(),
        step.bytes(),
        decibels(step.outputDecibels()),
        decibels(step.fusionDecibels()),
        step.seconds(),
        step.latencyMillis(),
        step.residentMegabytes());
    step.notes().forEach(note -> out.printf("    %s%n", note));
    if (!step.nodes().isEmpty()) {
      out.printf("    %d nodes integer, %d float%n", step.integerNodes(), step.floatNodes());
    }
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    for (NodeOutcome node : step.nodes()) {
      if (node.form() == NodeOutcome.Form.FLOAT) {
        reasons
            .computeIfAbsent(node.opType() + ": " + node.reason(), unused -> new ArrayList<>())
            .add(node.name());
      }
    }
    reasons.forEach(
        (reason, names) ->
            out.printf(
                "    float: %s%s (%s%s)%n",
                names.size() == 1 ? "" : names.size() + " ",
                reason,
                String.join(", ", names.subList(0, Math.min(NAMES, names.size()))),
                names.size() > NAMES ? ", ..." : ""));
  }
}
