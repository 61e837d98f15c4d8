package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.data.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Fetches a finished search's files into a folder and makes its report point there. */
record Results(ServiceClient client, Path folder) {
  private static final Map<String, String> TEST_SET =
      Map.of("testSetArtifact", "test.npy", "testLabelsArtifact", "test-labels.npy");

  ObjectNode fetch(JsonNode report) throws IOException {
    Files.createDirectories(folder);
    ObjectNode result = report.deepCopy();
    for (String list : new String[] {"front", "baseline"}) {
      for (JsonNode network : result.path(list)) {
        if (!network.has("artifactId")) {
          continue;
        }
        Path file = folder.resolve(network.path("id").asText() + ".onnx");
        client.download("artifacts/%s/onnx".formatted(network.path("artifactId").asText()), file);
        ((ObjectNode) network).put("onnx", file.toString());
        Samples.write(file, folder.resolve("samples").resolve(network.path("id").asText()));
      }
    }
    if (!result.has("testSet")) {
      return result;
    }
    for (Map.Entry<String, String> part : TEST_SET.entrySet()) {
      client.download(
          "artifacts/%s/content".formatted(result.path(part.getKey()).asText()),
          folder.resolve(part.getValue()));
    }
    result.put("testSet", folder.resolve("test.npy").toString());
    return result;
  }
}
