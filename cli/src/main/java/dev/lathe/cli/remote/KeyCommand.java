package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** API keys of a running service. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    description = {
      "Makes and ends API keys of a running service.",
      "",
      "Example: ./lathe key create ci --scope operator --days 90"
    })
public final class KeyCommand {
  /** What a key allows. */
  enum Scope {
    VIEWER,
    OPERATOR,
    AGENT,
    ADMIN
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a key and prints it, once and never again.")
  int create(
      @Mixin Connection connection,
      @Parameters(paramLabel = "NAME") String name,
      @Option(
              names = "--scope",
              defaultValue = "viewer",
              description = "viewer (default), operator, agent or admin")
          Scope scope,
      @Option(names = "--days", description = "after which it ends; never by default")
          @Nullable Integer days,
      @Option(
              names = "--out",
              paramLabel = "FILE",
              description =
                  "writes it to this file, that only you can read, instead of printing it")
          @Nullable Path out)
      throws IOException {
    ObjectNode request =
        new ObjectMapper()
            .createObjectNode()
            .put("name", name)
            .put("scope", scope.name().toLowerCase(Locale.ROOT));
    if (days != null) {
      request.put("expiresAt", Instant.now().plus(Duration.ofDays(days)).toString());
    }
    ServiceClient client = connection.client();
    SecretFile file = SecretFile.of(out);
    System.out.println(file.keep(client.post("keys", request).path("key").asText()));
    return 0;
  }

  @Command(
      name = "link",
      mixinStandardHelpOptions = true,
      description = "Prints an address that lets one browser in, once and within an hour.")
  int link(@Mixin Connection connection) throws IOException {
    System.out.println(connection.client().signInLink());
    return 0;
  }

  @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists keys.")
  int list(@Mixin Connection connection) throws IOException {
    Table table = new Table("ID", "BEGINS", "SCOPE", "STATE", "LAST USE", "NAME");
    for (JsonNode key : connection.client().get("keys")) {
      table.row(
          key.path("id").asText(),
          key.path("prefix").asText(),
          key.path("scope").asText(),
          state(key),
          key.path("lastUsedAt").asText("never"),
          key.path("name").asText());
    }
    table.print(System.out);
    return 0;
  }

  @Command(name = "revoke", mixinStandardHelpOptions = true, description = "Ends a key.")
  int revoke(@Mixin Connection connection, @Parameters(paramLabel = "ID") String id)
      throws IOException {
    connection.client().delete("keys/" + id);
    System.out.println("key " + id + " is revoked");
    return 0;
  }

  private static String state(JsonNode key) {
    if (key.hasNonNull("revokedAt")) {
      return "revoked";
    }
    return key.hasNonNull("expiresAt")
            && Instant.parse(key.path("expiresAt").asText()).isBefore(Instant.now())
        ? "expired"
        : "good";
  }
}
