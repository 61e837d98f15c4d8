package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Searches of a running service. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = {
      "Launches, follows and steers searches of a running service.",
      "",
      "Example: ./lathe search create --data folder:/data/pictures --minutes 30 --watch"
    })
public final class SearchCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Command(name = "create", mixinStandardHelpOptions = true, description = "Launches a search.")
  int create(
      @Mixin Connection connection,
      @Option(names = "--name", description = "for people") @Nullable String name,
      @Option(
              names = "--data",
              defaultValue = "builtin",
              description =
                  "builtin (default), dataset:NAME of the service's, or idx:DIR, cifar:DIR or folder:DIR of this machine's: these are sent to the service, or registered where it may read them")
          String data,
      @Option(names = "--seed", defaultValue = "1", description = "of all random numbers")
          long seed,
      @Option(names = "--minutes", description = "time for the whole search")
          @Nullable Double minutes,
      @Option(names = "--device", description = "name of the device to measure on")
          @Nullable String device,
      @Option(names = "--space", description = "name of a search space, or a YAML or JSON file")
          @Nullable String space,
      @Option(names = "--max-latency-ms", description = "for every member of the front")
          @Nullable Double maxLatencyMillis,
      @Option(names = "--max-bytes", description = "for every member of the front")
          @Nullable Long maxBytes,
      @Option(names = "--min-accuracy", description = "for every member of the front, 0 to 1")
          @Nullable Double minAccuracy,
      @Option(names = "--set", description = "a finer setting, NAME=VALUE; may be repeated")
          @Nullable Map<String, String> settings,
      @Option(names = "--replay", description = "use the measurements of this search again")
          @Nullable Long replay,
      @Option(names = "--watch", description = "follow it to its end") boolean watch)
      throws IOException {
    ServiceClient client = connection.client();
    ObjectNode request =
        JSON.createObjectNode().put("data", LocalData.known(client, data)).put("seed", seed);
    putIf(request, "name", name);
    putIf(request, "device", device);
    putIf(request, "minutes", minutes);
    putIf(request, "replay", replay);
    if (space != null) {
      request.set("space", space(space));
    }
    ObjectNode constraints = JSON.createObjectNode();
    putIf(constraints, "maxLatencyMillis", maxLatencyMillis);
    putIf(constraints, "maxBytes", maxBytes);
    putIf(constraints, "minAccuracy", minAccuracy);
    if (!constraints.isEmpty()) {
      request.set("constraints", constraints);
    }
    if (settings != null) {
      ObjectNode finer = request.putObject("settings");
      settings.forEach((key, value) -> finer.set(key, value(value)));
    }
    JsonNode search = client.post("searches", request);
    System.out.println("search " + search.path("id").asText());
    return watch ? new SearchWatch(client, System.out).follow(search.path("id").asText()) : 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists searches.")
  int list(
      @Mixin Connection connection,
      @Option(names = "--page", defaultValue = "0", description = "from 0") int page,
      @Option(names = "--size", defaultValue = "30", description = "searches on a page") int size,
      @Option(names = "--json", description = "write the answer to this file") @Nullable Path json)
      throws IOException {
    JsonNode answer = connection.client().get("searches?page=%d&size=%d".formatted(page, size));
    Table table = new Table("ID", "STATE", "DONE", "CANDIDATES", "FRONT", "NAME");
    for (JsonNode search : answer.path("items")) {
      table.row(
          search.path("id").asText(),
          search.path("state").asText(),
          "%.0f %%".formatted(100 * search.path("fraction").asDouble()),
          search.path("candidates").asText(),
          search.path("front").asText(),
          search.path("name").asText());
    }
    table.print(System.out);
    return write(answer, json);
  }

  @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a search.")
  int show(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    System.out.println(connection.client().get("searches/" + id).toPrettyString());
    return 0;
  }

  @Command(
      name = "pause",
      mixinStandardHelpOptions = true,
      description = "Stops a search until it is resumed.")
  int pause(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    return steer(connection, id, "pause");
  }

  @Command(
      name = "resume",
      mixinStandardHelpOptions = true,
      description = "Lets a paused or failed search go on.")
  int resume(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    return steer(connection, id, "resume");
  }

  @Command(
      name = "cancel",
      mixinStandardHelpOptions = true,
      description = "Ends a search for good.")
  int cancel(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    return steer(connection, id, "cancel");
  }

  @Command(
      name = "watch",
      mixinStandardHelpOptions = true,
      description = "Follows a search to its end; code 0 if it finishes.")
  int watch(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    return new SearchWatch(connection.client(), System.out).follow(id);
  }

  @Command(
      name = "front",
      mixinStandardHelpOptions = true,
      description = "Prints the front of a finished search.")
  int front(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID") String id,
      @Option(names = "--json", description = "write the front to this file") @Nullable Path json)
      throws IOException {
    JsonNode front = connection.client().get("searches/" + id + "/front");
    if (front.isEmpty()) {
      throw new IOException(
          "search %s has no front yet. Maybe watch it: ./lathe search watch %s".formatted(id, id));
    }
    Table table = new Table("ARTIFACT", "PRECISION", "VALIDATION", "TEST", "P50 MS", "KIB", "NAME");
    for (JsonNode member : front) {
      table.row(
          member.path("id").asText(),
          member.path("precision").asText(),
          accuracy(member.path("validationAccuracy")),
          accuracy(member.path("testAccuracy")),
          "%.3f".formatted(member.path("latencies").path(0).path("p50").asDouble()),
          "%.1f".formatted(member.path("bytes").asLong() / 1024.0),
          member.path("name").asText());
    }
    table.print(System.out);
    return write(front, json);
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Removes a search that is over, with its measurements, predictors and files.")
  int delete(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    connection.client().delete("searches/" + id);
    System.out.println("search " + id + " is deleted");
    return 0;
  }

  private static int steer(Connection connection, String id, String action) throws IOException {
    ServiceClient client = connection.client();
    JsonNode search = client.post("searches/" + id + "/" + action, JSON.createObjectNode());
    print(System.out, search);
    return 0;
  }

  private static void print(PrintStream out, JsonNode search) {
    out.println("search " + search.path("id").asText() + " is " + search.path("state").asText());
  }

  private static String accuracy(JsonNode value) {
    return value.isNumber() ? "%.4f".formatted(value.asDouble()) : "-";
  }

  private static int write(JsonNode answer, @Nullable Path json) throws IOException {
    if (json != null) {
      Files.writeString(json, answer.toPrettyString());
    }
    return 0;
  }

  static void putIf(ObjectNode node, String field, @Nullable Object value) {
    if (value != null) {
      node.set(field, JSON.valueToTree(value));
    }
  }

  static JsonNode space(String space) throws IOException {
    Path file = Path.of(space);
    return Files.isRegularFile(file)
        ? new YAMLMapper().readTree(Files.readString(file))
        : JSON.getNodeFactory().textNode(space);
  }

  /** A number or truth value where the text is one. */
  private static JsonNode value(String text) {
    try {
      JsonNode value = JSON.readTree(text);
      return value.isMissingNode() ? JSON.getNodeFactory().textNode(text) : value;
    } catch (IOException e) {
      return JSON.getNodeFactory().textNode(text);
    }
  }
}
