package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Devices of a running service. */
@Command(
    name = "device",
    mixinStandardHelpOptions = true,
    description = {"Shows the devices of a running service.", "", "Example: ./lathe device list"})
public final class DeviceCommand {
  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists devices.")
  int list(@Mixin Connection connection) throws IOException {
    Table table =
        new Table("ID", "NAME", "BACKEND", "STATE", "HEALTH", "WAITING", "MEASURED", "RUNTIME");
    for (JsonNode device : connection.client().get("devices")) {
      table.row(
          device.path("id").asText(),
          device.path("name").asText(),
          device.path("backend").asText(),
          device.path("state").asText(),
          device.path("health").asText(),
          device.path("waitingJobs").asText(),
          device.path("measurements").asText(),
          device.path("runtime").asText());
    }
    table.print(System.out);
    return 0;
  }

  @Command(name = "show", mixinStandardHelpOptions = true, description = "Shows a device.")
  int show(@Mixin Connection connection, @Parameters(paramLabel = "NAME|ID") String name)
      throws IOException {
    for (JsonNode device : connection.client().get("devices")) {
      if (device.path("name").asText().equals(name) || device.path("id").asText().equals(name)) {
        System.out.println(device.toPrettyString());
        return 0;
      }
    }
    throw new IOException(
        "there is no device '%s'. Maybe list them: ./lathe device list".formatted(name));
  }
}
