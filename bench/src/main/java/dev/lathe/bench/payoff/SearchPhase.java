package dev.lathe.bench.payoff;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.bench.Kept;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The whole search, from its request to its files: calibration, training, search, finishing and
 * measuring count, and so does starting the service. No fixed networks are trained beside.
 */
final class SearchPhase {
  static final String NAME = "lathe";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Setup setup;
  private final Search search;

  /** Carries out a request. */
  @FunctionalInterface
  interface Search {
    /**
     * Searches.
     *
     * @param home a new folder where everything is kept
     * @param report where the report is written
     */
    void run(ObjectNode request, Path home, Path report) throws IOException;
  }

  SearchPhase(Setup setup, Search search) {
    this.setup = setup;
    this.search = search;
  }

  /**
   * What a search found.
   *
   * @param seconds from the start of the service to the last file
   * @param budgetSeconds that it was given
   */
  record Found(double seconds, double budgetSeconds, int classes, List<Member> front) {}

  /** A file of the front; accuracies in [0, 1]. */
  record Member(
      String network,
      String form,
      String file,
      double validationAccuracy,
      double testAccuracy,
      long bytes) {}

  private record Settings(Setup setup, String data, String machine) {}

  /**
   * Searches, unless that has been done.
   *
   * @param data hash of the rivals' data: another one means other images
   */
  Found run(Path home, String data, boolean again) throws IOException {
    // How many networks the rivals have, and their seed, are nothing to the search.
    Setup own =
        new Setup(setup.data(), setup.minutes(), 0, setup.seed(), 0, setup.space(), setup.finer());
    Settings settings = new Settings(own, data, Setup.machine());
    Path folder = home.resolve(NAME + "-" + Setup.key(settings));
    if (again) {
      Folders.delete(folder);
    }
    return Kept.in(folder, settings).once("found", Found.class, () -> search(folder));
  }

  private Found search(Path folder) throws IOException {
    Path home = folder.resolve("home");
    Folders.delete(home); // of a search that was stopped: it would go on beside the new one
    Files.createDirectories(home);
    Path file = folder.resolve("report.json");
    long start = System.nanoTime();
    search.run(request(), home, file);
    double seconds = (System.nanoTime() - start) / 1e9;
    JsonNode report = JSON.readTree(file.toFile());
    List<Member> front = new ArrayList<>();
    for (JsonNode member : report.path("front")) {
      String form = member.path("precision").asText();
      front.add(
          new Member(
              member.path("id").asText().replaceFirst("-" + form + "$", ""),
              form,
              member.path("onnx").asText(),
              member.path("validationAccuracy").asDouble(),
              member.path("testAccuracy").asDouble(),
              member.path("bytes").asLong()));
    }
    return new Found(
        seconds, 60 * setup.minutes(), report.path("data").path("classes").asInt(), front);
  }

  /** The request, as a user would write it. */
  ObjectNode request() throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request
        .put("name", "payoff " + setup.data())
        .put("data", setup.data())
        .put("seed", setup.seed());
    request.putObject("budget").put("minutes", setup.minutes());
    String space = setup.space();
    if (space != null) {
      Path file = Path.of(space);
      request.set(
          "space",
          Files.isRegularFile(file)
              ? new YAMLMapper().readTree(Files.readString(file))
              : JSON.getNodeFactory().textNode(space));
    }
    ObjectNode finer = request.putObject("settings");
    for (Map.Entry<String, Object> one : setup.finer().entrySet()) {
      finer.set(one.getKey(), JSON.valueToTree(one.getValue()));
    }
    finer.putArray("baselines");
    return request;
  }
}
