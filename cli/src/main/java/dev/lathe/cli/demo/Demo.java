package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.data.DataText;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataReport;
import dev.lathe.data.DataSets;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SettingNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main job, on this machine alone. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "From labelled images to measured ONNX files, on this machine alone: starts the service with",
      "its database and an agent, calibrates latency predictors on this processor, trains a",
      "supernet, searches it, compresses, measures, and prints the front.",
      "",
      "Example: ./lathe demo --data folder:pictures --minutes 30 --json out.json"
    })
public final class Demo implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--data", defaultValue = "builtin", description = DataSets.KINDS)
  private String data = "builtin";

  @Option(
      names = "--minutes",
      description =
          "time for everything, the start included: up to 20160, two weeks; 5.4 for the search alone if not given")
  private @Nullable Double minutes;

  @Option(names = "--seed", defaultValue = "1", description = "of all random numbers; 1 by default")
  private long seed = 1;

  @Option(names = "--json", description = "write the result for machines to this file")
  private @Nullable Path json;

  @Option(
      names = "--home",
      description = "where database, networks and logs are kept; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Option(names = "--space", description = "a search space: a built-in name or a YAML file")
  private @Nullable String space;

  @Option(
      names = "--skip-bad",
      description = "leave out images that cannot be read, rather than refuse the data")
  private boolean skipBad;

  @Option(
      names = "--anew",
      description =
          "begin anew, where the same command was stopped; else that goes on where it was")
  private boolean anew;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "a trained classifier (ONNX): a linear classifier on its features joins the front")
  private @Nullable Path from;

  @Option(
      names = "--set",
      completionCandidates = SettingNames.class,
      description =
          "a finer setting, for example --set supernetSteps=500; may be repeated. There are: ${COMPLETION-CANDIDATES}")
  private java.util.Map<String, String> settings = java.util.Map.of();

  @Override
  public Integer call() throws IOException {
    Optional<LocalData> pictures = LocalData.of(data);
    if (pictures.isPresent()) {
      pictures.get().requireThere();
    }
    ObjectNode request = request();
    refuseEarly(request);
    Path folder = Homes.folder(Optional.ofNullable(home));
    if (pictures.isPresent()) {
      head(folder, pictures.get());
    }
    new LocalSearch("lathe demo", folder, json, System.out)
        .run(request, anew, LocalSearch.command());
    return 0;
  }

  /** What is wrong for certain is better known before a service is started than after. */
  private void refuseEarly(ObjectNode request) {
    if (LocalData.of(data).isEmpty() && !data.equals("builtin") && !data.startsWith("dataset:")) {
      DataSets.check(data);
    }
    var unused = RequestJson.read(request);
    for (String name : settings.keySet()) {
      if (!SettingNames.ALL.contains(name)) {
        throw new InvalidSearch(
            "settings." + name,
            "there is no setting '%s'. Maybe one of %s.".formatted(name, SettingNames.ALL));
      }
    }
  }

  /** Says what the data are before anything is started; what is decoded here is kept. */
  private void head(Path folder, LocalData pictures) throws IOException {
    DataOptions options =
        DataOptions.of(seed)
            .withResolution(
                limit("resolution") > 0
                    ? limit("resolution")
                    : from != null && space == null
                        ? ImageSides.of(from)
                        : ImageSides.of(Optional.ofNullable(space)))
            .withSeconds(60 * (minutes == null ? SearchRequest.Budget.USUAL_MINUTES : minutes))
            .withAtMost(limit("trainImages"), limit("validationImages"), limit("testImages"))
            .withHome(folder)
            .skippingUnreadable(skipBad);
    ProgressLine line = new ProgressLine(System.out, isTerminal());
    DataReport report =
        DataSets.open(pictures.spec(), options, (done, text) -> line.show("data", done, text))
            .report();
    line.end();
    DataText.print(report, new PrintWriter(System.out, true, StandardCharsets.UTF_8));
  }

  /** A limit that the service will check and keep; none if it is no number. */
  private int limit(String name) {
    String text = settings.getOrDefault(name, "0");
    return text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
  }

  private ObjectNode request() throws IOException {
    ObjectNode request = JSON.createObjectNode();
    request.put("name", "demo " + data).put("data", data).put("seed", seed);
    if (minutes != null) {
      request.putObject("budget").put("minutes", minutes);
    }
    if (space != null) {
      Path file = Path.of(space);
      if (Files.exists(file)) {
        request.set(
            "space",
            new com.fasterxml.jackson.dataformat.yaml.YAMLMapper()
                .readTree(Files.readString(file)));
      } else {
        request.put("space", space);
      }
    }
    if (from != null) {
      if (!Files.isReadable(from)) {
        throw new IOException("'%s' cannot be read. Maybe the path is wrong.".formatted(from));
      }
      request.withObject("settings").put("from", from.toString());
    }
    if (skipBad) {
      request.withObject("settings").put("skipUnreadable", true);
    }
    if (!settings.isEmpty()) {
      ObjectNode finer = request.withObject("settings");
      for (java.util.Map.Entry<String, String> setting : settings.entrySet()) {
        finer.set(setting.getKey(), value(setting.getValue()));
      }
    }
    return request;
  }

  private static JsonNode value(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException e) {
      return JSON.getNodeFactory().textNode(text);
    }
  }

  private static boolean isTerminal() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }
}
