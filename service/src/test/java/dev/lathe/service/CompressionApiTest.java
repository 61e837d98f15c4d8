package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.onnx.OnnxGraph;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Recipes applied through the service. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class CompressionApiTest {
  private static final byte[] MODEL = RooflineProbes.graphs().getFirst().toBytes();

  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  private static Response send(byte[] model) {
    return given().contentType("application/onnx").body(model).post("/api/v1/compressions/models");
  }

  private static Response launch(String body) {
    return given().contentType(ContentType.JSON).body(body).post("/api/v1/compressions");
  }

  @Test
  void anyModel_isCompressedMeasuredAndHandedOut() throws Exception {
    String agentKey = Files.readString(home.resolve("keys/agent.key")).strip();
    TestAgent agent = new TestAgent(service, agentKey, "compressing-device");
    String sha256 = send(MODEL).path("sha256");
    Response launched =
        launch(
            "{\"model\":\"%s\",\"recipe\":\"int8\",\"data\":\"noise:8\",\"device\":\"compressing-device\"}"
                .formatted(sha256));
    assertThat(launched.statusCode()).as(launched.asString()).isEqualTo(201);
    String id = launched.path("id");
    for (int i = 0; i < 3; i++) {
      JsonNode job = agent.claim(20).orElseThrow();
      assertThat(agent.submit(job, TestAgent.measured(job, 4 - i)).statusCode()).isEqualTo(200);
    }
    SearchApiTest.awaitState(id, "finished");

    Response done = get("/api/v1/compressions/" + id);
    done.then()
        .body("state", equalTo("finished"))
        .body("report.recipe", equalTo("int8"))
        .body("report.device", equalTo("compressing-device"))
        .body("report.files.step", equalTo(java.util.List.of("", "int8", "kernels")))
        .body("report.files[0].sha256", equalTo(sha256))
        .body("report.files[0].accuracy", nullValue())
        .body("report.files[1].p50", equalTo(3.0f))
        .body("report.files[2].p50", equalTo(2.0f))
        .body("report.files[2].report.notes", not(hasSize(0)))
        .body("report.files[1].report.integerNodes", greaterThan(0))
        .body("report.files[1].report.outputDecibels", greaterThan(15.0f));
    get("/api/v1/artifacts/" + done.path("report.files[1].artifactId"))
        .then()
        .body("precision", equalTo("int8"));
    byte[] onnx =
        get("/api/v1/artifacts/" + done.path("report.files[1].artifactId") + "/onnx").asByteArray();
    assertThat(OnnxGraph.parse(onnx).nodes())
        .anyMatch(node -> node.opType().equals("QuantizeLinear"));
    get("/api/v1/compressions")
        .then()
        .body("items.id", hasItem(id))
        .body("items.find { it.id == '%s' }.report.files[2].p50".formatted(id), equalTo(2.0f))
        .body("items.find { it.id == '%s' }.report.files[1].report".formatted(id), nullValue());
    get("/api/v1/compressions/recipes").then().body("find { it.name == 'half' }.steps", hasSize(2));
    get("/api/v1/searches?size=200").then().body("items.id", not(hasItem(id)));
  }

  @Test
  void recipeText_needsNoDevice_whenNothingIsMeasured() throws Exception {
    String sha256 = send(MODEL).path("sha256");
    String recipe = "name: small\\nsteps:\\n  - simplify\\n  - half-storage\\n";
    Response launched =
        launch("{\"model\":\"%s\",\"recipe\":\"%s\",\"measure\":false}".formatted(sha256, recipe));
    assertThat(launched.statusCode()).as(launched.asString()).isEqualTo(201);
    String id = launched.path("id");
    SearchApiTest.awaitState(id, "finished");
    get("/api/v1/compressions/" + id)
        .then()
        .body("report.recipe", equalTo("small"))
        .body("report.device", nullValue())
        .body("report.files.step", equalTo(java.util.List.of("", "simplify", "half-storage")));
  }

  @Test
  void fixedPoint_handsOutItsCpp() throws Exception {
    String sha256 = send(MODEL).path("sha256");
    Response launched =
        launch("{\"model\":\"%s\",\"recipe\":\"fixed\",\"measure\":false}".formatted(sha256));
    assertThat(launched.statusCode()).as(launched.asString()).isEqualTo(201);
    String id = launched.path("id");
    SearchApiTest.awaitState(id, "finished");
    Response done = get("/api/v1/compressions/" + id);
    done.then().body("report.texts.ending", equalTo(java.util.List.of("cpp")));
    get("/api/v1/artifacts/" + done.path("report.files[1].artifactId"))
        .then()
        .body("precision", equalTo("int8"));
    assertThat(
            get("/api/v1/artifacts/" + done.path("report.texts[0].artifactId") + "/content")
                .asString())
        .contains("#include", "int");
  }

  @Test
  void recipeThatDoesNotApply_failsWithItsReason() throws Exception {
    String sha256 = send(MODEL).path("sha256");
    String id =
        launch(
                "{\"model\":\"%s\",\"recipe\":\"weights8+fine-tune\",\"measure\":false}"
                    .formatted(sha256))
            .path("id");
    SearchApiTest.awaitState(id, "failed");
    get("/api/v1/compressions/" + id)
        .then()
        .body("error", containsString("no images to learn from"));
  }

  @Test
  void wrongLaunches_areRefused() {
    String sha256 = send(MODEL).path("sha256");
    send(new byte[] {1, 2, 3})
        .then()
        .statusCode(400)
        .body("detail", containsString("cannot be read"));
    launch("{\"recipe\":\"int8\"}")
        .then()
        .statusCode(400)
        .body("detail", containsString("'artifact' or 'model'"));
    launch("{\"model\":\"%s\"}".formatted(sha256))
        .then()
        .statusCode(400)
        .body("detail", containsString("recipe is missing"));
    launch("{\"model\":\"%s\",\"recipe\":\"tiny\"}".formatted(sha256))
        .then()
        .statusCode(400)
        .body("detail", containsString("no known name"));
    launch("{\"model\":\"%s\",\"recipe\":\"int8\"}".formatted("0".repeat(64)))
        .then()
        .statusCode(400)
        .body("detail", containsString("send it to"));
    launch("{\"artifact\":\"987654\",\"recipe\":\"int8\"}").then().statusCode(400);
    launch("{\"model\":\"%s\",\"recipe\":\"int8\",\"data\":\"folder:/nowhere\"}".formatted(sha256))
        .then()
        .statusCode(400)
        .body("detail", containsString("no folder of the service's machine"));
    get("/api/v1/compressions/987654").then().statusCode(404);
  }
}
