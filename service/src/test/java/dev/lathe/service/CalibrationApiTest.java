package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.Transactions;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Calibrations of devices on their own. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class CalibrationApiTest {
  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  private TestAgent agent(String name) throws Exception {
    return new TestAgent(service, Files.readString(home.resolve("keys/agent.key")).strip(), name);
  }

  private static Response launch(TestAgent agent, String body) {
    return given()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/devices/" + agent.deviceId + "/calibrations");
  }

  /** Answers the jobs of a calibration, and waits for its end. */
  private static void carryOut(TestAgent agent, String id, int networks) throws Exception {
    for (int i = 0; i < networks; i++) {
      JsonNode job = agent.claim(20).orElseThrow();
      assertThat(agent.submit(job, TestAgent.measured(job, 2 + i)).statusCode()).isEqualTo(200);
    }
    SearchApiTest.awaitState(id, "finished");
  }

  @Test
  void calibration_makesAPredictor_andIsNoSearch() throws Exception {
    TestAgent agent = agent("calibrated-device");
    Response launched = launch(agent, "{\"networks\":3,\"targetError\":0.02}");
    assertThat(launched.statusCode()).isEqualTo(201);
    String id = launched.path("id");
    assertThat(launched.header("Location")).endsWith("/api/v1/calibrations/" + id);
    carryOut(agent, id, 3);

    get("/api/v1/calibrations/" + id)
        .then()
        .body("state", equalTo("finished"))
        .body("device", equalTo("calibrated-device"))
        .body("message", equalTo("the predictors are ready"))
        .body("request.settings.targetError", equalTo(0.02f))
        .body("predictors", hasSize(2))
        .body("predictors[0].samples", equalTo(3))
        .body("predictors[0].version", equalTo(1))
        .body("predictors[0].fresh", equalTo(true))
        .body("predictors[0].provenance.moreToHalve", equalTo(80));
    get("/api/v1/devices/" + agent.deviceId + "/calibrations")
        .then()
        .body("id", equalTo(List.of(id)));
    get("/api/v1/searches?size=200").then().body("items.id", not(hasItem(id)));
  }

  @Test
  void freshPredictor_isNotMadeAgain_staleIs_asTheNextVersion() throws Exception {
    TestAgent agent = agent("drifting-device");
    carryOut(agent, launch(agent, "{\"networks\":2}").path("id"), 2);
    Response again = launch(agent, "{\"networks\":2,\"ifStale\":true}");
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.<String>path("state")).isEqualTo("fresh");
    assertThat(again.<List<Object>>path("predictors.precision")).containsExactly("float32", "int8");
    assertThat(launch(agent, "{\"space\":\"another\",\"ifStale\":true}").statusCode())
        .as("a predictor of another space is none")
        .isEqualTo(400);

    drift(agent);
    get("/api/v1/predictors?device=drifting-device").then().body("[0].fresh", equalTo(false));
    Response stale = launch(agent, "{\"networks\":2,\"ifStale\":true}");
    assertThat(stale.statusCode()).isEqualTo(201);
    carryOut(agent, stale.path("id"), 2);
    get("/api/v1/calibrations/" + stale.path("id"))
        .then()
        .body("predictors[0].version", equalTo(2));
  }

  @Test
  void freshPredictors_areThoseOfTheSpaceByItsDefinition_atBothPrecisions() throws Exception {
    TestAgent agent = agent("two-spaces-device");
    String small = space(8);
    carryOut(agent, launch(agent, "{\"networks\":1,\"space\":" + small + "}").path("id"), 1);
    assertThat(ifStale(agent, "\"space\":" + small)).isEqualTo(200);
    assertThat(ifStale(agent, "\"space\":" + space(16))).as("the name alone").isEqualTo(201);
    assertThat(ifStale(agent, "\"space\":\"mobile-28\"")).as("another space").isEqualTo(201);
    assertThat(ifStale(agent, "\"data\":\"builtin\"")).as("the data's space").isEqualTo(201);

    Transactions.run(
        () -> PredictorRow.delete("device = ?1 and precision = 'int8'", "two-spaces-device"));
    assertThat(ifStale(agent, "\"space\":" + small)).as("one precision alone").isEqualTo(201);
  }

  /** A space whose name does not tell its width. */
  private static String space(int width) {
    return """
        {"name":"one-name","input":{"resolution":[16]},"stem":{"width":8},
         "stages":[{"width":[%d],"expansion":[1,2]}],"head":{"width":16}}"""
        .formatted(width);
  }

  /** The status of a launch with ifStale; what is launched is cancelled. */
  private static int ifStale(TestAgent agent, String rest) {
    Response response = launch(agent, "{\"ifStale\":true," + rest + "}");
    if (response.statusCode() == 201) {
      given().post("/api/v1/calibrations/" + response.path("id") + "/cancel");
    }
    return response.statusCode();
  }

  /** The device's sentinel takes a fifth longer in all its latest measurements. */
  private static void drift(TestAgent agent) {
    Transactions.run(
        () ->
            MeasurementRow.update(
                "sentinelBeforeMillis = 1.2, sentinelAfterMillis = 1.2 where deviceId = ?1",
                Long.valueOf(agent.deviceId)));
  }

  @Test
  void wrongCalibrations_areRefused() throws Exception {
    TestAgent agent = agent("refusing-device");
    launch(agent, "{\"data\":\"nowhere\"}")
        .then()
        .statusCode(400)
        .body("detail", containsString("no folder of the service's machine"));
    launch(agent, "{\"network\":3}").then().statusCode(400);
    given()
        .contentType(ContentType.JSON)
        .body("{}")
        .post("/api/v1/devices/999999/calibrations")
        .then()
        .statusCode(404);
    get("/api/v1/calibrations/999999").then().statusCode(404);
    String search = SearchApiTest.launch("{\"settings\":{\"generations\":1}}");
    get("/api/v1/calibrations/" + search).then().statusCode(404);
  }

  @Test
  void cancelledCalibration_leavesNoJobs() throws Exception {
    TestAgent agent = agent("cancelling-device");
    String id = launch(agent, "{\"networks\":4}").path("id");
    JsonNode job = agent.claim(20).orElseThrow();
    given()
        .post("/api/v1/calibrations/" + id + "/cancel")
        .then()
        .body("state", equalTo("cancelled"));
    assertThat(agent.submit(job, TestAgent.measured(job, 1)).statusCode()).isEqualTo(410);
    assertThat(agent.claim(0)).isEmpty();
  }
}
