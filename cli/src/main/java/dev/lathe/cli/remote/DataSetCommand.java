package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.LocalData;
import dev.lathe.data.DataSets;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The data sets of a running service. */
@Command(
    name = "dataset",
    mixinStandardHelpOptions = true,
    description = {
      "Brings data sets to a running service, which searches then name as dataset:NAME.",
      "",
      "Example: ./lathe dataset upload pets folder:/data/pets"
    })
public final class DataSetCommand {
  @Spec private CommandSpec spec;

  @Command(
      name = "upload",
      mixinStandardHelpOptions = true,
      description = "Sends a data set, packed on its way.")
  int upload(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME") String name,
      @Parameters(paramLabel = "SPEC", description = DataSets.KINDS) String data)
      throws IOException {
    local(data).upload(connection.client(), name);
    System.out.println("dataset:" + name);
    return 0;
  }

  @Command(
      name = "register",
      mixinStandardHelpOptions = true,
      description =
          "Names a data set that lies on the service's machine, below a folder that ./lathe serve --data-root opened.")
  int register(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME") String name,
      @Parameters(paramLabel = "SPEC", description = DataSets.KINDS) String data)
      throws IOException {
    if (!local(data).register(connection.client(), name)) {
      throw new IOException(
          "'%s' is not below a folder that the service's operator opened, or is a table (csv:FILE), which may name pictures anywhere. Maybe start it with ./lathe serve --data-root DIR, or use ./lathe dataset upload."
              .formatted(data));
    }
    System.out.println("dataset:" + name);
    return 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists data sets.")
  int list(@Mixin Connection connection) throws IOException {
    Table table = new Table("NAME", "KIND", "CAME", "FILES", "BYTES", "SINCE");
    for (JsonNode data : connection.client().get("datasets")) {
      table.row(
          data.path("name").asText(),
          data.path("kind").asText(),
          data.path("uploaded").asBoolean() ? "uploaded" : "registered",
          data.path("files").asText("-"),
          data.path("bytes").asText("-"),
          data.path("createdAt").asText());
    }
    table.print(System.out);
    return 0;
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Removes a data set; one that was registered stays where it lies, as it is.")
  int delete(@Mixin Connection connection, @Parameters(paramLabel = "NAME") String name)
      throws IOException {
    connection.client().delete("datasets/" + name);
    System.out.println("data set " + name + " is removed");
    return 0;
  }

  private LocalData local(String data) {
    Optional<LocalData> local = LocalData.of(data);
    return local.orElseThrow(
        () ->
            new ParameterException(
                spec.commandLine(),
                "'%s' names no data of this machine. Maybe folder:DIR was meant.".formatted(data)));
  }
}
