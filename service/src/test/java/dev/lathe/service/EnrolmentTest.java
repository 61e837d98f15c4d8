package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.message.ResultMessage;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class EnrolmentTest {
  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  private String homesKey() throws Exception {
    return Files.readString(home.resolve("keys/agent.key")).strip();
  }

  private static String agentKey() {
    return given()
        .contentType(ContentType.JSON)
        .body("{\"name\":\"board\",\"scope\":\"agent\"}")
        .post("/api/v1/keys")
        .path("key");
  }

  private static String token(String device) {
    return given()
        .contentType(ContentType.JSON)
        .body("{\"device\":\"%s\"}".formatted(device))
        .post("/api/v1/enrolments")
        .then()
        .statusCode(201)
        .extract()
        .path("token");
  }

  private static ValidatableResponse spend(String token, String device) {
    return given()
        .noFilters()
        .contentType(ContentType.JSON)
        .body("{\"token\":\"%s\",\"device\":\"%s\"}".formatted(token, device))
        .post("/api/v1/enrolments/spend")
        .then();
  }

  @Test
  void usedName_isRefusedToAnotherKey() throws Exception {
    TestAgent first = new TestAgent(service, agentKey(), "taken");
    String stranger = agentKey();
    assertThatThrownBy(() -> new TestAgent(service, stranger, "taken"))
        .hasMessageContaining("another key speaks for device 'taken'")
        .hasMessageContaining("lathe device enrol taken");
    assertThatThrownBy(() -> new TestAgent(service, homesKey(), "taken"))
        .hasMessageContaining("another key speaks");
    given()
        .header("Authorization", "Bearer " + stranger)
        .contentType(ContentType.JSON)
        .body("{\"waitSeconds\":0}")
        .post("/api/v1/agents/" + first.deviceId + "/claim")
        .then()
        .statusCode(409);
    assertThat(first.claim(0)).isEmpty();
  }

  @Test
  void agentsKey_speaksForOneDevice_theHomesForSeveral() throws Exception {
    String key = agentKey();
    TestAgent first = new TestAgent(service, key, "only");
    assertThat(new TestAgent(service, key, "only").deviceId).isEqualTo(first.deviceId);
    assertThatThrownBy(() -> new TestAgent(service, key, "second"))
        .hasMessageContaining("this key speaks for another device than 'second'");
    String homes = homesKey();
    assertThat(new TestAgent(service, homes, "here-1").deviceId)
        .isNotEqualTo(new TestAgent(service, homes, "here-2").deviceId);
  }

  @Test
  void twoMachinesOfOneName_areRefused_whileTheFirstIsThere() throws Exception {
    String key = homesKey();
    TestAgent first = new TestAgent(service, key, "doubled", "machine-a");
    assertThatThrownBy(() -> new TestAgent(service, key, "doubled", "machine-b"))
        .hasMessageContaining("another machine is device 'doubled' at this moment");
    assertThat(new TestAgent(service, key, "doubled", "machine-a").deviceId)
        .isEqualTo(first.deviceId);
  }

  @Test
  void token_bringsOneKey_forItsDeviceAlone() throws Exception {
    String token = token("board-7");
    spend(token, "board-8").statusCode(401);
    String key = spend(token, "board-7").statusCode(200).extract().path("key");
    spend(token, "board-7").statusCode(401).body("detail", containsString("used before"));
    TestAgent agent = new TestAgent(service, key, "board-7");
    assertThat(agent.claim(0)).isEmpty();
    assertThatThrownBy(() -> new TestAgent(service, key, "board-8"))
        .hasMessageContaining("another device");
    assertThat(get("/api/v1/keys").asString()).doesNotContain(token);
  }

  @Test
  void enrolledAgain_deviceGoesOver_andTheOlderKeyEnds() throws Exception {
    String older = spend(token("moved"), "moved").extract().path("key");
    TestAgent before = new TestAgent(service, older, "moved", "old-board");
    String newer = spend(token("moved"), "moved").extract().path("key");
    TestAgent after = new TestAgent(service, newer, "moved", "new-board");
    assertThat(after.deviceId).isEqualTo(before.deviceId);
    assertThatThrownBy(() -> before.claim(0)).hasMessageContaining("401");
  }

  @Test
  void agent_readsModelsOfJobsThatItHolds() throws Exception {
    TestAgent agent = new TestAgent(service, homesKey(), "holder");
    String id = measureOn("holder", 1);
    JsonNode job = agent.claim(20).orElseThrow();
    String path = job.get("model").get("url").asText();
    given().header("Authorization", "Bearer " + agentKey()).get(path).then().statusCode(409);
    given().header("Authorization", "Bearer " + homesKey()).get(path).then().statusCode(200);
    assertThat(agent.model(job).statusCode()).isEqualTo(200);
    agent.submit(job, TestAgent.measured(job, 1));
    assertThat(agent.model(job).statusCode()).isEqualTo(410);
    given().header("Authorization", "Bearer " + homesKey()).get(path).then().statusCode(410);
    SearchApiTest.awaitState(id, "finished");
  }

  private static String measureOn(String device, int models) {
    return SearchApiTest.launch(
        "{\"device\":\"%s\",\"settings\":{\"generations\":1,\"measure\":%d}}"
            .formatted(device, models));
  }

  private static byte[] result(
      JsonNode job,
      String runtime,
      int threads,
      int batch,
      String protocol,
      int samples,
      double end)
      throws Exception {
    double[] millis = new double[samples];
    Arrays.fill(millis, 2);
    return TestAgent.JSON.writeValueAsBytes(
        ResultMessage.of(
            job.get("fencing").asLong(),
            new Outcome.Measured(
                Measurement.of(
                    runtime,
                    threads,
                    batch,
                    10,
                    protocol,
                    millis,
                    1,
                    end,
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Map.of()))));
  }

  @ParameterizedTest
  @CsvSource({
    "other 2, 1, 1, quick, 64, 1.01, runtime is 'other 2'",
    "test 1, 2, 1, quick, 64, 1.01, threads is '2'",
    "test 1, 1, 8, quick, 64, 1.01, batch is '8'",
    "test 1, 1, 1, full, 1024, 1.01, protocol is 'full'",
    "test 1, 1, 1, quick, 63, 1.01, has 63 samples",
    "test 1, 1, 1, quick, 64, 1.2, drifted by 20.0 %"
  })
  void measurementThatWasNotAskedFor_isRefused_andTheJobTriedAgain(
      String runtime,
      int threads,
      int batch,
      String protocol,
      int samples,
      double end,
      String reason)
      throws Exception {
    String name =
        "lies-%s-%d-%d-%d-%s"
            .formatted(protocol, threads, batch, samples, runtime.charAt(0) + "" + end);
    TestAgent agent = new TestAgent(service, homesKey(), name);
    String id = measureOn(name, 1);
    JsonNode job = agent.claim(20).orElseThrow();
    byte[] body = result(job, runtime, threads, batch, protocol, samples, end);
    assertThat(agent.submit(job, body).statusCode()).isEqualTo(422);
    var again = agent.submit(job, body);
    assertThat(again.statusCode()).isEqualTo(422);
    assertThat(again.body()).contains(reason);
    get("/api/v1/devices/" + agent.deviceId)
        .then()
        .body("measurements", equalTo(0))
        .body("health", equalTo(end > 1.1 ? "GOOD" : "UNKNOWN"));
    if (end < 1.1) {
      JsonNode check = agent.claim(20).orElseThrow();
      agent.submit(check, TestAgent.measured(check, 1));
    }
    JsonNode second = agent.claim(20).orElseThrow();
    assertThat(second.get("jobId")).isEqualTo(job.get("jobId"));
    agent.submit(second, TestAgent.measured(second, 1));
    SearchApiTest.awaitState(id, "finished");
  }

  @Test
  void deviceOfTwoThreads_isAskedForTwo_andNothingElseIsTaken() throws Exception {
    TestAgent agent = new TestAgent(service, homesKey(), "two-threads", "elsewhere", 2);
    get("/api/v1/devices/" + agent.deviceId).then().body("measuredThreads", equalTo(2));
    String id = measureOn(agent.name, 1);
    JsonNode job = agent.claim(20).orElseThrow();
    assertThat(job.path("protocol").path("threads").asInt()).isEqualTo(2);
    assertThat(agent.submit(job, result(job, "test 1", 1, 1, "quick", 64, 1.01)).body())
        .contains("threads is '1', the job asks for '2'");
    JsonNode check = agent.claim(20).orElseThrow();
    agent.submit(check, result(check, "test 1", 2, 1, "quick", 64, 1.01));
    JsonNode again = agent.claim(20).orElseThrow();
    assertThat(agent.submit(again, result(again, "test 1", 2, 1, "quick", 64, 1.01)).statusCode())
        .isEqualTo(200);
    SearchApiTest.awaitState(id, "finished");
    get("/api/v1/searches/" + id + "/front").then().body("[0].latencies[0].threads", equalTo(2));
  }
}
