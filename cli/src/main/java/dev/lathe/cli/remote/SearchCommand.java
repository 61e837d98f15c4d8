package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.demo.LocalSearch;
import dev.lathe.cli.demo.RequestFiles;
import dev.lathe.runs.SettingNames;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Any search on this machine, and searches of a running service. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = {
      "Carries out the search of a request file on this machine, as demo does; or with a command",
      "launches, follows and steers searches of a running service.",
      "",
      "Example: ./lathe search --request search.json --minutes 30",
      "Example: ./lathe search create --data folder:/data/pictures --minutes 30 --watch"
    })
public final class SearchCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      description = "what is searched: JSON or YAML, as the API takes it; - for standard input")
  private @Nullable Path request;

  @Option(names = "--data", description = "data set, in place of the request's")
  private @Nullable String data;

  @Option(names = "--minutes", description = "for the whole search, in place of the request's")
  private @Nullable Double minutes;

  @Option(names = "--json", description = "write the result for machines to this file")
  private @Nullable Path json;

  @Option(
      names = "--home",
      description = "where everything is kept; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Option(
      names = "--anew",
      description =
          "begin anew, where the same request was stopped; else that goes on where it was")
  private boolean anew;

  @Option(names = "--url", description = "a running service, in place of one that is started")
  private @Nullable String url;

  @Option(names = "--key-file", description = "file with an API key for it")
  private @Nullable Path keyFile;

  @Option(names = "--ca", description = "file with its certificate, or its authority's")
  private @Nullable Path ca;

  @Override
  public Integer call() throws IOException {
    if (request == null) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "either --request FILE or a command is needed. Maybe ./lathe search --help.");
    }
    ObjectNode wanted = RequestFiles.read(request);
    if (data != null) {
      wanted.put("data", data);
    }
    if (minutes != null) {
      wanted.remove("minutes");
      wanted.withObject("/budget").put("minutes", minutes);
    }
    if (url == null) {
      Path folder = LocalHome.of(Optional.ofNullable(home)).folder();
      Files.createDirectories(folder);
      LocalSearch search = new LocalSearch("lathe search", folder, json, System.out);
      return search.run(wanted, anew, LocalSearch.command()) ? 0 : 3;
    }
    ServiceClient client = Connection.of(url, keyFile, ca).client();
    RequestFiles.send(wanted, client);
    String id = client.post("searches", wanted).path("id").asText();
    System.out.println("search " + id);
    int code = new SearchWatch(client, System.out).follow(id);
    if (code != 0 || json == null && !wanted.path("settings").has("maxDrop")) {
      return code;
    }
    JsonNode report = client.get("searches/" + id + "/report");
    if (json != null) {
      Files.writeString(json, report.toPrettyString());
    }
    return LocalSearch.keepsItsLimit(report) ? 0 : 3;
  }

  @Command(name = "create", mixinStandardHelpOptions = true, description = "Launches a search.")
  int create(
      @Mixin Connection connection,
      @Option(
              names = "--request",
              paramLabel = "FILE",
              description = "JSON or YAML, as the API takes it; - for standard input")
          @Nullable Path from,
      @Option(names = "--name", description = "for people") @Nullable String name,
      @Option(
              names = "--data",
              description =
                  "builtin (default), dataset:NAME of the service's, or data of this machine, which are sent to the service or registered where it may read them: folder:DIR, csv:FILE, zip:FILE, tar:FILE, parquet:FILE, idx:DIR, cifar:DIR")
          @Nullable String data,
      @Option(names = "--seed", description = "of all random numbers; 1 by default")
          @Nullable Long seed,
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
      @Option(
              names = "--set",
              completionCandidates = SettingNames.class,
              description =
                  "a finer setting, NAME=VALUE; may be repeated. There are: ${COMPLETION-CANDIDATES}")
          @Nullable Map<String, String> settings,
      @Option(names = "--replay", description = "use the measurements of this search again")
          @Nullable Long replay,
      @Option(names = "--watch", description = "follow it to its end") boolean watch)
      throws IOException {
    ServiceClient client = connection.client();
    ObjectNode request = from == null ? JSON.createObjectNode() : RequestFiles.read(from);
    putIf(request, "data", data);
    putIf(request, "seed", seed);
    RequestFiles.send(request, client);
    putIf(request, "name", name);
    if (device != null) {
      request.putArray("devices").add(device);
    }
    if (minutes != null) {
      request.withObject("/budget").put("minutes", minutes);
    }
    putIf(request, "replay", replay);
    if (space != null) {
      request.set("space", space(space));
    }
    String on = device == null ? "" : "@" + device;
    limit(request, "latency" + on, "atMost", maxLatencyMillis);
    limit(request, "bytes", "atMost", maxBytes);
    limit(request, "accuracy", "atLeast", minAccuracy);
    if (settings != null) {
      ObjectNode finer = request.withObject("/settings");
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
    List<String> metrics = new ArrayList<>();
    for (JsonNode member : front) {
      member
          .path("figures")
          .fieldNames()
          .forEachRemaining(
              metric -> {
                if (!metrics.contains(metric)) {
                  metrics.add(metric);
                }
              });
    }
    List<String> titles = new ArrayList<>(List.of("ARTIFACT", "FORM"));
    metrics.forEach(titles::add);
    titles.addAll(List.of("test accuracy", "NAME"));
    Table table = new Table(titles.toArray(String[]::new));
    for (JsonNode member : front) {
      List<String> cells = new ArrayList<>();
      cells.add(member.path("artifactId").asText("-"));
      cells.add(member.path("precision").asText("-"));
      for (String metric : metrics) {
        JsonNode value = member.path("figures").path(metric).path("value");
        cells.add(value.isNumber() ? number(value.asDouble()) : "-");
      }
      cells.add(accuracy(member.path("testAccuracy")));
      cells.add(member.path("name").asText());
      table.row(cells.toArray(String[]::new));
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

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? "%.0f".formatted(value)
        : "%.4g".formatted(value);
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

  private static void limit(
      ObjectNode request, String metric, String side, @Nullable Number bound) {
    if (bound != null) {
      request
          .withArray("/constraints")
          .addObject()
          .put("metric", metric)
          .set(side, JSON.valueToTree(bound));
    }
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
