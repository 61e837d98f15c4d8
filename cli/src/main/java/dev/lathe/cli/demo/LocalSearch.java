package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A search on this machine from its request to its files, with a service started for it. */
public final class LocalSearch {
  private static final long POLL_MILLIS = 300;

  private final String command;
  private final Path home;
  private final @Nullable Path json;
  private final PrintStream out;

  /**
   * A search.
   *
   * @param command by which people know it, for example {@code lathe demo}
   * @param home where everything is kept
   * @param json file for the report, if any
   */
  public LocalSearch(String command, Path home, @Nullable Path json, PrintStream out) {
    this.command = command;
    this.home = home;
    this.json = json;
    this.out = out;
  }

  /**
   * Carries a request out, and prints what was found. If the same was begun in this home and not
   * finished, that goes on; others that were begun are paused.
   *
   * @param request names no device: this machine's is meant
   * @param anew whether what was begun of the same request is given up
   * @param since the minutes of the request count, what comes before the search included; empty if
   *     they are those of the search alone
   * @return whether the limit of a drop was shown to be kept, if there was one
   * @throws IOException with a text for the user if it fails
   */
  public boolean run(ObjectNode request, boolean anew, Optional<Instant> since) throws IOException {
    Instant start = since.orElseGet(Instant::now);
    requireWritable(json);
    out.printf("%s: everything is kept in %s%n", command, home);
    out.println("starting the service and an agent for this machine …");
    Optional<LocalData> pictures = LocalData.of(request.path("data").asText("builtin"));
    try (LocalLathe lathe =
        LocalLathe.start(home, pictures.map(LocalData::path).map(List::of).orElse(List.of()))) {
      out.println("follow it in a browser: " + lathe.client().signInLink());
      RequestFiles.send(request, lathe.client());
      boolean ofTable = request.path("space").has("table");
      if (!ofTable && !request.has("devices")) {
        request.putArray("devices").add(LocalLathe.DEVICE);
      }
      String id = begin(lathe.client(), request, anew, since);
      Optional<String> failure;
      try (IfStopped _ = IfStopped.say(howToGoOn())) {
        failure = follow(lathe, id);
      }
      if (failure.isPresent()) {
        throw new IOException(failure.get());
      }
      JsonNode report = lathe.client().get("searches/" + id + "/report");
      Path results = home.resolve("results").resolve("search-" + id);
      ObjectNode result = new Results(lathe.client(), results).fetch(report);
      result.put("seconds", secondsSince(start));
      Files.writeString(results.resolve("report.json"), result.toPrettyString());
      if (json != null) {
        Files.writeString(json, result.toPrettyString());
      }
      Summary.print(result, out);
      out.printf("%n%s: %s%n", ofTable ? "Report" : "ONNX files and test images", results);
      out.printf("Look at the search again: ./lathe serve --home %s%n", home);
      return keepsItsLimit(result);
    }
  }

  /** Whether a report has no limit of a drop, or one that is kept. */
  public static boolean keepsItsLimit(JsonNode report) {
    return report.path("budget").path("kept").asBoolean(true);
  }

  /** The id of the search that goes on, or of a new one. */
  private String begin(
      ServiceClient client, ObjectNode request, boolean anew, Optional<Instant> since)
      throws IOException {
    Unfinished unfinished = Unfinished.of(client);
    Optional<JsonNode> same = unfinished.like(client.post("searches/check", request));
    if (same.isPresent() && !anew) {
      String id = same.get().path("id").asText();
      unfinished.pauseOthers(id, out);
      out.printf(
          "search %s of the same request was stopped at %.0f %%; it goes on (with --anew it begins anew)%n",
          id, 100 * same.get().path("fraction").asDouble());
      unfinished.resume(same.get());
      return id;
    }
    if (same.isPresent()) {
      unfinished.cancel(same.get());
    }
    unfinished.pauseOthers(same.map(one -> one.path("id").asText()).orElse(""), out);
    if (since.isPresent() && (request.path("budget").has("minutes") || request.has("minutes"))) {
      request.withObject("/budget").put("spentSeconds", secondsSince(since.get()));
    }
    return client.post("searches", request).path("id").asText();
  }

  /** When this process was started, which is when the user gave the command. */
  public static Optional<Instant> command() {
    return ProcessHandle.current().info().startInstant();
  }

  private static double secondsSince(Instant start) {
    return Duration.between(start, Instant.now()).toMillis() / 1000.0;
  }

  private String howToGoOn() {
    return "%n%s: stopped. What was done is kept: the same command goes on where it was.%n"
        .formatted(command);
  }

  /** A result that cannot be written is better known before the search than after it. */
  private static void requireWritable(@Nullable Path file) throws IOException {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
      throw new IOException(
          "'%s' cannot be written. Maybe its folder is missing: name another file with --json."
              .formatted(file));
    }
  }

  private static boolean isTerminal() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  private Optional<String> follow(LocalLathe lathe, String id) throws IOException {
    ProgressLine line = new ProgressLine(out, isTerminal());
    while (true) {
      lathe.requireAlive();
      JsonNode search = lathe.client().get("searches/" + id);
      line.show(
          search.path("stage").asText(""),
          search.path("fraction").asDouble(),
          search.path("message").asText(""));
      String state = search.path("state").asText();
      if (state.equals("finished")) {
        line.end();
        return Optional.empty();
      }
      if (state.equals("failed") || state.equals("cancelled")) {
        line.end();
        return Optional.of(search.path("error").asText("the search was cancelled"));
      }
      LocalLathe.pause(POLL_MILLIS);
    }
  }
}
