package dev.lathe.service;

import static dev.lathe.service.SearchApiTest.awaitState;
import static dev.lathe.service.SearchApiTest.launch;
import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Instant;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** The queue goes on: whatever becomes of one run, its device, its owner. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class QueueTest {
  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  @Inject DataSource database;

  private static void set(String device, String health) {
    given()
        .contentType(ContentType.JSON)
        .body("{\"health\":\"%s\",\"reason\":\"on the workbench\"}".formatted(health))
        .patch("/api/v1/devices/" + device)
        .then()
        .statusCode(200);
  }

  @Test
  void runWhoseDeviceIsOutOfService_waits_andOthersGoOn() throws Exception {
    String key = Files.readString(home.resolve("keys/agent.key")).strip();
    TestAgent agent = new TestAgent(service, key, "workbench");
    set(agent.deviceId, "MAINTENANCE");
    String waits =
        launch("{\"device\":\"workbench\",\"settings\":{\"generations\":1,\"measure\":2}}");
    awaitState(waits, "waiting");
    get("/api/v1/searches/" + waits)
        .then()
        .body("message", containsString("waits for device 'workbench', which takes no jobs"))
        .body("message", containsString("on the workbench"));
    awaitState(launch("{\"settings\":{\"generations\":1}}"), "finished");
    get("/api/v1/searches/" + waits).then().body("state", equalTo("waiting"));

    String paused =
        launch("{\"device\":\"workbench\",\"settings\":{\"generations\":1,\"measure\":2}}");
    awaitState(paused, "waiting");
    given().post("/api/v1/searches/" + paused + "/pause").then().body("state", equalTo("paused"));

    set(agent.deviceId, "GOOD");
    for (int i = 0; i < 2; i++) {
      JsonNode job = agent.claim(20).orElseThrow();
      assertThat(agent.submit(job, TestAgent.measured(job, 1)).statusCode()).isEqualTo(200);
    }
    awaitState(waits, "finished");
    get("/api/v1/searches/" + paused).then().body("state", equalTo("paused"));
    given().post("/api/v1/searches/" + paused + "/cancel").then().statusCode(200);
  }

  private static String unfinished(int starts, int pipeline) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              SearchRow row = new SearchRow();
              row.name = "left behind";
              row.state = SearchState.RUNNING;
              row.stage = "search";
              row.fraction = 0.4;
              row.furthest = 0.4;
              row.starts = starts;
              row.pipeline = pipeline;
              row.request = "{\"method\":{\"name\":\"nsga2\"},\"budget\":{\"evaluations\":24}}";
              row.requestSha256 = "";
              row.createdAt = Instant.now();
              row.startedAt = Instant.now();
              row.persist();
              return Long.toString(row.number());
            });
  }

  @Test
  void runThatEndsTheServiceAgainAndAgain_isSetAside() throws Exception {
    String poison = unfinished(5, SearchRow.PIPELINE);
    awaitState(poison, "failed");
    get("/api/v1/searches/" + poison)
        .then()
        .body("error", containsString("ended 5 times while it worked on this"));
    awaitState(launch("{\"settings\":{\"generations\":1}}"), "finished");
    // Whoever has mended the cause lets it go on.
    given().post("/api/v1/searches/" + poison + "/resume").then().statusCode(200);
    awaitState(poison, "finished");
    awaitState(unfinished(4, SearchRow.PIPELINE), "finished");
  }

  @Test
  void runOfAnOlderVersion_isListedButNotGoneOnWith() throws Exception {
    String old = unfinished(0, 0);
    awaitState(old, "failed");
    get("/api/v1/searches/" + old).then().body("error", containsString("older version"));
    given()
        .post("/api/v1/searches/" + old + "/resume")
        .then()
        .statusCode(409)
        .body("detail", containsString("older version"));
  }

  @Test
  void ownership_belongsToOneService_andIsTakenAnewWhenItsConnectionIsLost() throws Exception {
    awaitState(launch("{\"settings\":{\"generations\":1}}"), "finished");
    try (Connection other = database.getConnection();
        Statement statement = other.createStatement()) {
      assertThat(query(statement, "select pg_try_advisory_lock(328052533349)::text"))
          .as("the place is taken")
          .isEqualTo("false");
      assertThat(
              query(
                  statement,
                  "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and objid = 328052533349 % 4294967296"))
          .isEqualTo("1");
    }
    awaitState(launch("{\"settings\":{\"generations\":1}}"), "finished");
    get("/q/health/ready")
        .then()
        .statusCode(200)
        .body("checks.find { it.name == 'runs' }.data.'carried out by'", equalTo("this service"));
  }

  private static String query(Statement statement, String sql) throws java.sql.SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  @Test
  void error_endsTheRunAndNotTheQueue() throws Exception {
    String failing = launch("{\"settings\":{\"generations\":1,\"fail\":\"error\"}}");
    awaitState(failing, "failed");
    get("/api/v1/searches/" + failing).then().body("error", containsString("StackOverflow"));
    awaitState(launch("{\"settings\":{\"generations\":1}}"), "finished");
  }
}
