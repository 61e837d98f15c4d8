package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens a home folder that an older version made (see {@code service/src/test/resources/homes}):
 * what it finished is there, whole.
 */
class UpgradeTest {
  private static final String HOME = "service/src/test/resources/homes/0.1.0-e9ecbcc.tar.xz";
  private static final String OPERATOR =
      "lathe_2Bj1jyffCQjs_dHKwhYg7NCY0hWnpsHrbL8af9eWmCLRMvPMIZNjB2AU";

  @TempDir Path folder;

  @Test
  void olderHome_opensWithAllThatWasFinished() throws Exception {
    Path home = unpacked(HOME);
    try (ServiceProcess service = ServiceProcess.start(home)) {
      JsonNode searches = service.get("/api/v1/searches").path("items");
      assertThat(searches).hasSize(3);
      assertThat(searches.findValuesAsText("state"))
          .containsExactly("cancelled", "failed", "finished");
      assertThat(searches.get(1).path("error").asText()).contains("older version");
      assertThat(service.send("POST", "/api/v1/searches/3/resume", "{}").statusCode())
          .isEqualTo(409);
      searchIsWhole(service);
      compressionIsWhole(service);
      JsonNode device = service.get("/api/v1/devices").get(0);
      assertThat(device.path("name").asText()).isEqualTo("this-machine");
      assertThat(device.path("measurements").asInt()).isEqualTo(144);
      assertThat(service.send("GET", "/api/v1/searches", "", OPERATOR).statusCode()).isEqualTo(200);
      assertThat(service.send("GET", "/api/v1/keys", "", OPERATOR).statusCode()).isEqualTo(403);
    }
  }

  private static void searchIsWhole(ServiceProcess service) throws Exception {
    JsonNode search = service.get("/api/v1/searches/1");
    assertThat(search.path("name").asText()).isEqualTo("finished");
    assertThat(service.get("/api/v1/searches/1/candidates").path("total").asInt())
        .isEqualTo(search.path("candidates").asInt())
        .isGreaterThanOrEqualTo(12);
    JsonNode front = service.get("/api/v1/searches/1/front");
    assertThat(front).hasSizeGreaterThanOrEqualTo(2);
    for (JsonNode member : front) {
      assertThat(
              sha256(
                  service.content(
                      "/api/v1/artifacts/" + member.path("artifactId").asText() + "/onnx")))
          .isEqualTo(member.path("sha256").asText());
      assertThat(member.path("latencies").get(0).path("p50").asDouble()).isPositive();
    }
    JsonNode artifacts = service.get("/api/v1/searches/1/artifacts");
    assertThat(artifacts).hasSize(8);
    for (JsonNode artifact : artifacts) {
      byte[] content =
          service.content("/api/v1/artifacts/" + artifact.path("id").asText() + "/content");
      assertThat(sha256(content)).isEqualTo(artifact.path("sha256").asText());
    }
    assertThat(service.get("/api/v1/predictors?search=1").findValuesAsText("precision"))
        .containsExactlyInAnyOrder("float32", "int8");
    assertThat(service.get("/api/v1/searches/1/report").path("seed").asInt()).isEqualTo(5);
    assertThat(service.get("/api/v1/measurements/1").path("samples"))
        .hasSizeGreaterThanOrEqualTo(64);
    assertThat(service.get("/api/v1/data-sets").get(0).path("name").asText()).isEqualTo("builtin");
  }

  private static void compressionIsWhole(ServiceProcess service) throws Exception {
    JsonNode compression = service.get("/api/v1/compressions/2");
    assertThat(compression.path("state").asText()).isEqualTo("finished");
    for (JsonNode file : compression.path("report").path("files")) {
      byte[] content =
          service.content("/api/v1/artifacts/" + file.path("artifactId").asText() + "/onnx");
      assertThat(content).hasSize(file.path("bytes").asInt());
    }
  }

  private Path unpacked(String archive) throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Process tar =
        new ProcessBuilder(
                "tar",
                "-xJf",
                Path.of(System.getProperty("lathe.root"), archive).toString(),
                "-C",
                home.toString())
            .inheritIO()
            .start();
    assertThat(tar.waitFor()).as("tar and xz unpack %s", archive).isZero();
    return home;
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
