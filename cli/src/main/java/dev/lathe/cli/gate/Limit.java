package dev.lathe.cli.gate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bound on a metric.
 *
 * @param metric for example {@code latency@desk} or {@code bytes}
 * @param most whether the bound is the most, else the least
 */
record Limit(String metric, boolean most, double bound) {
  private static final Pattern FORM =
      Pattern.compile("\\s*([A-Za-z][^<>=\\s]*)\\s*(<=|>=)\\s*([-+.0-9eE]+)\\s*");

  /**
   * Reads {@code METRIC<=BOUND} or {@code METRIC>=BOUND}.
   *
   * @throws IllegalArgumentException if it is neither
   */
  static Limit parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no limit. Maybe 'latency@desk<=5' or 'accuracy>=0.9'.".formatted(text));
    }
    return new Limit(form.group(1), form.group(2).equals("<="), Double.parseDouble(form.group(3)));
  }

  /**
   * Reads a budget file: YAML or JSON, {@code limits: [{metric, atMost or atLeast}]}, as the
   * constraints of a request.
   *
   * @throws IOException naming the file and the entry that is wrong
   */
  static List<Limit> budget(Path file) throws IOException {
    JsonNode root = new YAMLMapper().readTree(Files.readString(file));
    JsonNode list = root.isArray() ? root : root.path("limits");
    if (!list.isArray() || list.isEmpty()) {
      throw new IOException(
          "budget '%s' has no limits. Maybe 'limits: [{metric: bytes, atMost: 1000000}]'."
              .formatted(file));
    }
    List<Limit> limits = new ArrayList<>();
    for (JsonNode entry : list) {
      boolean any = false;
      for (String side : List.of("atMost", "atLeast")) {
        if (entry.path("metric").isTextual() && entry.path(side).isNumber()) {
          limits.add(
              new Limit(
                  entry.path("metric").asText(),
                  side.equals("atMost"),
                  entry.path(side).asDouble()));
          any = true;
        }
      }
      if (!any) {
        throw new IOException(
            "budget '%s': %s needs 'metric' and 'atMost' or 'atLeast'.".formatted(file, entry));
      }
    }
    return limits;
  }

  Finding judge(double value) {
    boolean kept = most ? value <= bound : value >= bound;
    return new Finding(
        metric,
        kept,
        "%s is %s, %s %s allowed"
            .formatted(
                metric,
                Finding.number(value),
                most ? "at most" : "at least",
                Finding.number(bound)));
  }
}
