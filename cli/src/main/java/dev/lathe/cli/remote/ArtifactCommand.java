package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.data.Samples;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Files that searches of a running service made. */
@Command(
    name = "artifact",
    mixinStandardHelpOptions = true,
    description = {
      "Gets files from a running service.",
      "",
      "Example: ./lathe artifact get 12 --out network.onnx"
    })
public final class ArtifactCommand {
  private static final String ONNX = "application/onnx";

  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description = "Downloads a file and checks its SHA-256.")
  int get(
      @Mixin Connection connection,
      @Parameters(paramLabel = "ID") String id,
      @Option(names = "--out", description = "where to; the artifact's name by default")
          @Nullable Path out)
      throws IOException {
    JsonNode artifact = connection.client().get("artifacts/" + id);
    String ending = artifact.path("mediaType").asText().equals(ONNX) ? ".onnx" : "";
    String name = artifact.path("name").asText().replaceAll("[^A-Za-z0-9._-]", "_");
    Path file = (out == null ? Path.of(name + ending) : out).toAbsolutePath();
    connection.client().download("artifacts/" + id + "/content", file);
    String sha256 = Hash.of(file);
    if (!sha256.equals(artifact.path("sha256").asText())) {
      throw new IOException(
          "'%s' has SHA-256 %s, the service says %s. Maybe the download was damaged; get it again."
              .formatted(file, sha256, artifact.path("sha256").asText()));
    }
    if (file.getFileName().toString().endsWith(".onnx")) {
      Samples.write(file, file.resolveSibling(file.getFileName() + "-samples"));
    }
    System.out.println(file);
    return 0;
  }
}
