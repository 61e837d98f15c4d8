package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Devices of a running service. */
@Command(
    name = "device",
    mixinStandardHelpOptions = true,
    description = {
      "Shows and calibrates the devices of a running service.",
      "",
      "Example: ./lathe device list"
    })
public final class DeviceCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists devices.")
  int list(@Mixin Connection connection) throws IOException {
    Table table =
        new Table(
            "ID",
            "NAME",
            "BACKEND",
            "FIGURES",
            "STATE",
            "HEALTH",
            "WAITING",
            "MEASURED",
            "STABLE",
            "RUNTIME");
    for (JsonNode device : connection.client().get("devices")) {
      table.row(
          device.path("id").asText(),
          device.path("name").asText(),
          device.path("backend").asText(),
          device.path("reality").asText("real"),
          device.path("state").asText(),
          device.path("health").asText(),
          device.path("waitingJobs").asText(),
          device.path("measurements").asText(),
          stable(device.path("verdicts")),
          device.path("runtime").asText());
    }
    table.print(System.out);
    return 0;
  }

  /** The share of a device's newest measurements that were judged stable. */
  private static String stable(JsonNode verdicts) {
    double all = 0;
    for (JsonNode count : verdicts) {
      all += count.asLong();
    }
    return all == 0 ? "-" : "%.0f %%".formatted(100 * verdicts.path("stable").asLong() / all);
  }

  @Command(
      name = "history",
      mixinStandardHelpOptions = true,
      description = "What a device measured lately, each with its verdict and the reason.")
  int history(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME|ID") String name,
      @Option(
              names = "--size",
              defaultValue = "20",
              description = "at most so many (${DEFAULT-VALUE})")
          int size)
      throws IOException {
    ServiceClient client = connection.client();
    Table table = new Table("WHEN", "P50 MS", "PROTOCOL", "SENTINEL MS", "VERDICT", "WHY");
    for (JsonNode entry :
        client.get(
            "devices/%s/history?size=%d"
                .formatted(device(client, name).path("id").asText(), size))) {
      table.row(
          entry.path("recordedAt").asText(),
          "%.4f".formatted(entry.path("p50Millis").asDouble()),
          entry.path("protocol").asText(),
          "%.4f".formatted(entry.path("sentinelBeforeMillis").asDouble()),
          entry.path("verdict").asText(),
          entry.path("verdictReason").asText());
    }
    table.print(System.out);
    return 0;
  }

  @Command(
      name = "queue",
      mixinStandardHelpOptions = true,
      description = "What a device measures now, what waits for it, and about how long.")
  int queue(@Mixin Connection connection, @Parameters(paramLabel = "NAME|ID") String name)
      throws IOException {
    ServiceClient client = connection.client();
    JsonNode queue =
        client.get("devices/%s/queue".formatted(device(client, name).path("id").asText()));
    Table table = new Table("JOB", "SEARCH", "WHAT", "PROTOCOL", "STATE", "ATTEMPTS");
    if (queue.hasNonNull("measuring")) {
      row(table, queue.get("measuring"));
    }
    queue.path("waiting").forEach(entry -> row(table, entry));
    table.print(System.out);
    System.out.printf(
        "%d wait%s%n",
        queue.path("waitingJobs").asLong(),
        queue.hasNonNull("estimatedSeconds")
            ? ", about %.0f s".formatted(queue.get("estimatedSeconds").asDouble())
            : "");
    return 0;
  }

  private static void row(Table table, JsonNode job) {
    table.row(
        job.path("id").asText(),
        job.path("searchId").asText("-"),
        job.path("key").asText(),
        job.path("protocol").asText(),
        job.path("state").asText(),
        job.path("attempts").asText());
  }

  @Command(
      name = "enrol",
      mixinStandardHelpOptions = true,
      description = {
        "Prints a token by which another machine becomes the device of that name: good once, and for"
            + " a day. A device of that name that is there already goes over to it.",
        "On that machine: lathe agent --server URL --name NAME --enrol FILE"
      })
  int enrol(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME") String name,
      @Option(
              names = "--out",
              paramLabel = "FILE",
              description =
                  "writes it to this file, that only you can read, instead of printing it")
          @Nullable Path out)
      throws IOException {
    ServiceClient client = connection.client();
    SecretFile file = SecretFile.of(out);
    System.out.println(
        file.keep(
            client
                .post("enrolments", JSON.createObjectNode().put("device", name))
                .path("token")
                .asText()));
    return 0;
  }

  @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a device.")
  int show(@Mixin Connection connection, @Parameters(paramLabel = "NAME|ID") String name)
      throws IOException {
    System.out.println(device(connection.client(), name).toPrettyString());
    return 0;
  }

  @Command(
      name = "calibrate",
      mixinStandardHelpOptions = true,
      description = {
        "Calibrates the latency predictors of a device for a search space: measures the networks that"
            + " tell most until the error is small enough.",
        "Example: ./lathe device calibrate desk --space mobile-28 --target-error 0.02"
      })
  int calibrate(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME|ID") String name,
      @Option(names = "--space", description = "name of a search space, or a YAML or JSON file")
          @Nullable String space,
      @Option(
              names = "--data",
              description = "data set of the networks' inputs; builtin by default")
          @Nullable String data,
      @Option(
              names = "--target-error",
              description = "mean error on held-out networks at which it stops; 0.03 by default")
          @Nullable Double targetError,
      @Option(names = "--networks", description = "measured at most, 20 to 1000; 60 by default")
          @Nullable Integer networks,
      @Option(
              names = "--minutes",
              description =
                  "of work after which no further networks are begun; 5.4 by default. Repeats come"
                      + " after that.")
          @Nullable Double minutes,
      @Option(names = "--seed", description = "of the networks that are offered")
          @Nullable Long seed,
      @Option(
              names = "--if-stale",
              description =
                  "do nothing while the predictors for this space are fresh at both precisions")
          boolean ifStale,
      @Option(names = "--json", description = "write the result to this file") @Nullable Path json)
      throws IOException {
    ServiceClient client = connection.client();
    ObjectNode request = JSON.createObjectNode().put("ifStale", ifStale);
    SearchCommand.putIf(request, "data", data == null ? null : LocalData.known(client, data));
    SearchCommand.putIf(request, "targetError", targetError);
    SearchCommand.putIf(request, "networks", networks);
    SearchCommand.putIf(request, "minutes", minutes);
    SearchCommand.putIf(request, "seed", seed);
    if (space != null) {
      request.set("space", SearchCommand.space(space));
    }
    String device = device(client, name).path("id").asText();
    JsonNode calibration = client.post("devices/" + device + "/calibrations", request);
    if (calibration.hasNonNull("id")) {
      String id = calibration.path("id").asText();
      int code =
          new SearchWatch(client, System.out)
              .follow("calibrations/" + id, "calibration " + id, "is finished");
      if (code != 0) {
        return code;
      }
      calibration = client.get("calibrations/" + id);
    } else {
      System.out.println(calibration.path("message").asText());
    }
    print(calibration.path("predictors"));
    if (json != null) {
      Files.writeString(json, calibration.toPrettyString());
    }
    return 0;
  }

  private static void print(JsonNode predictors) {
    Table table =
        new Table(
            "PRECISION", "VERSION", "NETWORKS", "SPEARMAN", "ERROR", "WITHIN 10%", "COVERAGE");
    for (JsonNode predictor : predictors) {
      table.row(
          predictor.path("precision").asText(),
          predictor.path("version").asText(),
          predictor.path("samples").asText(),
          "%.4f".formatted(predictor.path("spearman").asDouble()),
          "%.2f %%".formatted(100 * predictor.path("mape").asDouble()),
          "%.1f %%".formatted(100 * predictor.path("within10").asDouble()),
          "%.3f".formatted(predictor.path("coverage90").asDouble()));
    }
    table.print(System.out);
    for (JsonNode predictor : predictors) {
      JsonNode provenance = predictor.path("provenance");
      System.out.println(
          provenance.path("moreToHalve").isNumber()
              ? "%s: half the error would take about %d more networks, %.0f s"
                  .formatted(
                      predictor.path("precision").asText(),
                      provenance.path("moreToHalve").asInt(),
                      provenance.path("secondsToHalve").asDouble())
              : "%s: more networks do not promise half the error"
                  .formatted(predictor.path("precision").asText()));
    }
  }

  private static JsonNode device(ServiceClient client, String name) throws IOException {
    for (JsonNode device : client.get("devices")) {
      if (device.path("name").asText().equals(name) || device.path("id").asText().equals(name)) {
        return device;
      }
    }
    throw new IOException(
        "there is no device '%s'. Maybe list them: ./lathe device list".formatted(name));
  }
}
