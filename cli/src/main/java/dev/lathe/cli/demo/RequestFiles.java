package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Requests in files, and the files of this machine that a request names. */
public final class RequestFiles {
  private RequestFiles() {}

  /**
   * Reads a request, JSON or YAML; {@code -} is standard input.
   *
   * @throws IOException naming the file if it holds no object
   */
  public static ObjectNode read(Path file) throws IOException {
    JsonNode request;
    try {
      request = new YAMLMapper().readTree(text(file));
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(
          "'%s' is neither JSON nor YAML: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new IOException(
          "the request '%s' cannot be read. Maybe its path is wrong.".formatted(file), e);
    }
    if (!(request instanceof ObjectNode object)) {
      throw new IOException("'%s' holds no request: a JSON object is needed.".formatted(file));
    }
    return object;
  }

  private static String text(Path file) throws IOException {
    return file.toString().equals("-")
        ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
        : Files.readString(file);
  }

  /**
   * Makes the data, the models and the table of this machine that a request names known to a
   * service, and puts their names in their place.
   */
  public static void send(ObjectNode request, ServiceClient client) throws IOException {
    if (request.path("data").isTextual()) {
      request.put("data", LocalData.known(client, request.path("data").asText()));
    }
    model(request.path("settings"), "from", client);
    model(request.path("space"), "model", client);
    if (request.path("space") instanceof ObjectNode space && space.has("table")) {
      Path table = Path.of(space.path("table").asText());
      if (Files.isRegularFile(table)) {
        String name = table.getFileName().toString().replaceFirst("\\.csv(\\.gz)?$", "");
        client.put("tables/" + name, "text/csv", table);
        space.put("table", name);
      }
    }
  }

  private static void model(JsonNode of, String field, ServiceClient client) throws IOException {
    if (of instanceof ObjectNode object && object.has(field)) {
      Path model = Path.of(object.path(field).asText());
      if (Files.isRegularFile(model)) {
        JsonNode sent = client.post("compressions/models", "application/octet-stream", model);
        object.put(field, "sha256:" + sent.path("sha256").asText());
      }
    }
  }
}
