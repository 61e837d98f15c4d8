package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets a CI pipeline go on only if a network keeps its limits. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "Ends with code 3 and the reason if a network misses a limit, with 0 if it keeps all.",
      "Latency is the median that the service's newest measurement on the device found.",
      "",
      "Example: ./lathe gate --artifact 12 --device pi --max-latency-ms 20 --min-accuracy 0.9"
    })
public final class GateCommand implements Callable<Integer> {
  private static final int MISSED = 3;

  @Mixin private final Connection connection = new Connection();

  @Option(
      names = "--artifact",
      required = true,
      paramLabel = "ID|FILE",
      description = "id of an artifact of the service, or a file with the same content as one")
  private String artifact = "";

  @Option(names = "--device", description = "on which the latency was measured")
  private @Nullable String device;

  @Option(names = "--max-latency-ms", description = "of the median, in milliseconds")
  private @Nullable Double maxLatencyMillis;

  @Option(names = "--max-bytes", description = "of the file")
  private @Nullable Long maxBytes;

  @Option(names = "--min-accuracy", description = "on test images, 0 to 1")
  private @Nullable Double minAccuracy;

  @picocli.CommandLine.Spec private picocli.CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (maxLatencyMillis == null && maxBytes == null && minAccuracy == null) {
      throw usage(
          "there is no limit to check. Maybe --max-latency-ms, --max-bytes or --min-accuracy.");
    }
    if (maxLatencyMillis != null && device == null) {
      throw usage("--max-latency-ms needs --device.");
    }
    JsonNode known = find(connection.client());
    List<String> missed = new ArrayList<>();
    if (maxBytes != null && known.path("bytes").asLong() > maxBytes) {
      missed.add("%d bytes, at most %d".formatted(known.path("bytes").asLong(), maxBytes));
    }
    if (maxLatencyMillis != null) {
      double p50 = latency(known);
      if (p50 > maxLatencyMillis) {
        missed.add("p50 %.4f ms on %s, at most %s".formatted(p50, device, maxLatencyMillis));
      }
    }
    if (minAccuracy != null) {
      double accuracy = accuracy(known);
      if (accuracy < minAccuracy) {
        missed.add("accuracy %.4f, at least %s".formatted(accuracy, minAccuracy));
      }
    }
    if (missed.isEmpty()) {
      System.out.println("passed");
      return 0;
    }
    var err = java.util.Objects.requireNonNull(spec).commandLine().getErr();
    missed.forEach(reason -> err.println("lathe gate: missed: " + reason));
    err.flush();
    return MISSED;
  }

  /** What the service knows of the artifact. */
  private JsonNode find(ServiceClient client) throws IOException {
    Path file = Path.of(artifact);
    if (!Files.isRegularFile(file)) {
      if (!artifact.matches("\\d+")) {
        throw new IOException(
            "'%s' is neither a file nor an id. Maybe see ./lathe search front."
                .formatted(artifact));
      }
      return client.get("artifacts/" + artifact);
    }
    JsonNode same = client.get("artifacts?sha256=" + Hash.of(file));
    if (same.isEmpty()) {
      throw new IOException(
          "the service does not know the content of '%s'. Maybe it comes from another service, or was changed."
              .formatted(file));
    }
    return same.get(0);
  }

  private double latency(JsonNode known) throws IOException {
    for (JsonNode latency : known.path("latencies")) {
      if (latency.path("device").asText().equals(device)) {
        return latency.path("p50").asDouble();
      }
    }
    throw new IOException(
        "artifact %s was never measured on device '%s'. Maybe see ./lathe device list."
            .formatted(known.path("id").asText(), device));
  }

  private static double accuracy(JsonNode known) throws IOException {
    for (String field : List.of("testAccuracy", "validationAccuracy")) {
      if (known.path(field).isNumber()) {
        return known.path(field).asDouble();
      }
    }
    throw new IOException(
        "artifact %s has no accuracy. Maybe it is no network."
            .formatted(known.path("id").asText()));
  }

  private picocli.CommandLine.ParameterException usage(String message) {
    return new picocli.CommandLine.ParameterException(
        java.util.Objects.requireNonNull(spec).commandLine(), message);
  }
}
