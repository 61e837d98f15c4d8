package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;

/** A finished search for people: what was spent, the front, and the baselines beside it. */
final class Summary {
  private Summary() {}

  static void print(JsonNode report, PrintStream out) {
    if (report.has("table")) {
      printTable(report, out);
      return;
    }
    JsonNode supernet = report.path("supernet");
    out.printf(
        "%nData: %s, %d classes; %d training, %d validation, %d test images%n",
        report.path("data").path("name").asText(),
        report.path("data").path("classes").asInt(),
        report.path("data").path("train").asInt(),
        report.path("data").path("validation").asInt(),
        report.path("data").path("test").asInt());
    if (report.path("data").has("accuracy")) {
      out.printf(
          "Accuracy: %s%n",
          report.path("data").path("accuracy").asText().equals("balanced")
              ? "balanced, the mean over classes, for classes are of uneven size"
              : "top-1");
    }
    if (!supernet.isMissingNode()) {
      printSupernet(supernet, report.path("data").path("validation").asInt(), out);
    }
    report
        .path("forms")
        .path("dropped")
        .properties()
        .forEach(form -> out.printf("Left out: %s, %s%n", form.getKey(), form.getValue().asText()));
    for (JsonNode predictor : report.path("predictors")) {
      out.printf(
          "Predictor of %s, %s, on %s: Spearman %.3f, mean error %.1f %%, %.0f %% within ±10 %%, on %d held-out networks (%.0f s)%n",
          predictor.path("metric").asText("latency"),
          predictor.path("precision").asText(),
          predictor.path("device").asText(),
          predictor.path("spearman").asDouble(),
          100 * predictor.path("mape").asDouble(),
          100 * predictor.path("within10").asDouble(),
          predictor.path("heldOut").asInt(),
          predictor.path("seconds").asDouble());
    }
    out.printf(
        "Search: %s, %d networks evaluated in %.0f s%n",
        report.path("search").path("algorithm").asText(),
        report.path("search").path("evaluations").asInt(),
        report.path("search").path("seconds").asDouble());
    if (report.path("data").has("folds")) {
      out.printf(
          "%nThe front (trained for the seconds given, in %d folds and on all images; val.acc is over the folds, each judged by a network that did not see it)%n",
          report.path("data").path("folds").asInt());
    } else {
      out.printf("%nThe front (fine-tuned for the seconds given, after the shared weights)%n");
    }
    table(report.path("front"), out);
    if (!report.path("baseline").isEmpty()) {
      out.printf("%nFor comparison (trained alone for the seconds given)%n");
      table(report.path("baseline"), out);
    }
    Chart.print(report, out);
    out.println();
    report.path("closing").forEach(line -> out.println(line.asText()));
  }

  /** Rows of a table on the front, one column an objective. */
  private static void printTable(JsonNode report, PrintStream out) {
    out.printf(
        "%nTable: %s, %d rows%n",
        report.path("table").path("name").asText(), report.path("table").path("rows").asInt());
    out.printf(
        "Search: %s, %d rows evaluated in %.1f s%n%n",
        report.path("search").path("algorithm").asText(),
        report.path("search").path("evaluations").asInt(),
        report.path("search").path("seconds").asDouble());
    for (JsonNode member : report.path("front")) {
      StringBuilder line = new StringBuilder("  ");
      member
          .path("figures")
          .properties()
          .forEach(
              figure ->
                  line.append(
                      "%s %s  "
                          .formatted(figure.getKey(), figure.getValue().path("value").asText())));
      out.println(line.append(member.path("architecture")));
    }
  }

  private static void printSupernet(JsonNode supernet, int validation, PrintStream out) {
    out.printf(
        "Supernet: %d steps in %.0f s; accuracy on the %d validation images %.4f (largest subnet), %.4f (smallest)%n",
        supernet.path("steps").asLong(),
        supernet.path("seconds").asDouble(),
        validation,
        supernet.path("largestAccuracy").asDouble(),
        supernet.path("smallestAccuracy").asDouble());
  }

  private static void table(JsonNode networks, PrintStream out) {
    out.printf(
        "  %-28s %23s %23s %9s %9s %20s %9s %8s%n",
        "network",
        "val.acc (95 %)",
        "test.acc (95 %)",
        "p50 ms",
        "p90 ms",
        "predicted ms",
        "bytes",
        "seconds");
    for (JsonNode network : networks) {
      JsonNode latency = network.path("latencies").path(0);
      out.printf(
          "  %-28s %23s %23s %9.4f %9.4f %20s %9d %8.1f%n",
          network.path("id").asText(),
          share(network, "validation"),
          share(network, "test"),
          latency.path("p50").asDouble(),
          latency.path("p90").asDouble(),
          latency.has("predicted")
              ? "%.4f (%.4f–%.4f)"
                  .formatted(
                      latency.path("predicted").asDouble(),
                      latency.path("lower").asDouble(),
                      latency.path("upper").asDouble())
              : "–",
          network.path("bytes").asLong(),
          network.path("seconds").asDouble());
    }
  }

  /** An accuracy and between what it lies with 95 % confidence. */
  private static String share(JsonNode network, String of) {
    double accuracy = network.path(of + "Accuracy").asDouble();
    return network.has(of + "Lower")
        ? "%.4f (%.3f–%.3f)"
            .formatted(
                accuracy,
                network.path(of + "Lower").asDouble(),
                network.path(of + "Upper").asDouble())
        : "%.4f".formatted(accuracy);
  }
}
