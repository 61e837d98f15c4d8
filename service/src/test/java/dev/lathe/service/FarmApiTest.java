package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.SentinelModel;
import dev.lathe.service.store.ArtifactFiles;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class FarmApiTest {
  @TestHTTPResource("/")
  URI service;

  @Inject ArtifactFiles files;

  @ConfigProperty(name = "lathe.home")
  Path home;

  private TestAgent agent(String name) throws Exception {
    return new TestAgent(service, Files.readString(home.resolve("keys/agent.key")).strip(), name);
  }

  private static String measureOn(String device, int models) {
    return SearchApiTest.launch(
        "{\"device\":\"%s\",\"settings\":{\"generations\":1,\"measure\":%d}}"
            .formatted(device, models));
  }

  @Test
  void measuredModels_becomeTheFront() throws Exception {
    TestAgent agent = agent("front-device");
    String id = measureOn(agent.name, 2);
    for (int i = 0; i < 2; i++) {
      JsonNode job = agent.claim(20).orElseThrow();
      assertThat(agent.model(job).body()).isEqualTo(TestRunner.model(i));
      assertThat(job.get("protocol").get("minSamples").asInt()).isEqualTo(64);
      assertThat(agent.submit(job, TestAgent.measured(job, 2 + i)).statusCode()).isEqualTo(200);
    }
    SearchApiTest.awaitState(id, "finished");

    get("/api/v1/searches/" + id + "/front")
        .then()
        .body("", hasSize(2))
        .body("[0].latencies[0].device", equalTo("front-device"))
        .body("[0].latencies[0].p50", equalTo(2f))
        .body("[1].latencies[0].p50", equalTo(3f))
        .body("[0].latencies[0].samples", equalTo(64))
        .body("[0].latencies[0].predicted", equalTo(1.5f))
        .body("[0].testAccuracy", equalTo(0.79f));
    List<String> ids = get("/api/v1/searches/" + id + "/front").path("id");
    List<String> twins = get("/api/v1/searches/" + id + "/front").path("twin");
    assertThat(twins).isEqualTo(ids.reversed());
    get("/api/v1/predictors?device=front-device").then().body("[0].samples", equalTo(2));
    get("/api/v1/predictors?search=" + id).then().body("", hasSize(1));
    get("/api/v1/searches/" + id)
        .then()
        .body("front", equalTo(2))
        .body("best.p50", equalTo(2f))
        .body("best.validationAccuracy", equalTo(0.8f));
    download(ids.getFirst());
    String measurement =
        get("/api/v1/searches/" + id + "/front").path("[0].latencies[0].measurementId");
    get("/api/v1/measurements/" + measurement)
        .then()
        .body("samples", hasSize(64))
        .body("environment.governor", equalTo("none"))
        .body("figures.energy", equalTo(3.5f))
        .body("verdict", equalTo("noisy"))
        .body("verdictReason", equalTo("others ran"));
  }

  @Test
  void device_showsItsVerdictsItsSentinelAndItsQueue() throws Exception {
    TestAgent agent = agent("seen-device");
    String id = measureOn(agent.name, 3);
    JsonNode first = agent.claim(20).orElseThrow();
    agent.submit(first, TestAgent.measured(first, 5));
    JsonNode second = agent.claim(20).orElseThrow();

    String device = "/api/v1/devices/" + agent.deviceId;
    get(device)
        .then()
        .body("reality", equalTo("real"))
        .body("metrics", equalTo(List.of("latency")))
        .body("quietHost", equalTo(true))
        .body("verdicts.noisy", equalTo(1));
    get(device + "/history?size=10")
        .then()
        .body("", hasSize(1))
        .body("[0].p50Millis", equalTo(5f))
        .body("[0].sentinelAfterMillis", equalTo(1.01f))
        .body("[0].verdictReason", equalTo("others ran"));
    get(device + "/queue")
        .then()
        .body("measuring.id", equalTo(second.get("jobId").asInt()))
        .body("measuring.attempts", equalTo(1))
        .body("waiting", hasSize(1))
        .body("waitingJobs", equalTo(1));
    get("/api/v1/devices/999999/queue").then().statusCode(404);
    given().post("/api/v1/searches/" + id + "/cancel").then().statusCode(200);
  }

  private void download(String artifact) throws Exception {
    String path = "/api/v1/artifacts/" + artifact + "/onnx";
    var answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.asByteArray()).isEqualTo(TestRunner.model(0));
    assertThat(answer.header("Content-Disposition")).contains("net-0.onnx");
    String tag = answer.header("ETag");
    get("/api/v1/artifacts/" + artifact)
        .then()
        .body("sha256", equalTo(tag.replace("\"", "")))
        .body("latencies[0].p50", equalTo(2f));
    given().header("If-None-Match", tag).get(path).then().statusCode(304);
    Path file = files.path(tag.replace("\"", ""));
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, new byte[whole.length]);
    get(path).then().statusCode(410).body("detail", containsString("is damaged"));
    Files.write(file, whole);
    get(path).then().statusCode(200);
  }

  @Test
  void resultIsRecordedOnce_andAnotherIsRefused() throws Exception {
    TestAgent agent = agent("once-device");
    String id = measureOn(agent.name, 1);
    JsonNode job = agent.claim(20).orElseThrow();
    byte[] body = TestAgent.measured(job, 5);

    assertThat(agent.submit(job, body, "0".repeat(64)).statusCode()).isEqualTo(400);
    assertThat(
            agent.submit(job, "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8)).statusCode())
        .isEqualTo(400);
    assertThat(agent.renew(job).statusCode()).isEqualTo(200);
    assertThat(agent.submit(job, body).statusCode()).isEqualTo(200);
    assertThat(agent.submit(job, body).statusCode()).isEqualTo(200);
    assertThat(agent.submit(job, TestAgent.measured(job, 6)).statusCode()).isEqualTo(409);
    assertThat(agent.renew(job).statusCode()).isEqualTo(410);

    SearchApiTest.awaitState(id, "finished");
    get("/api/v1/devices/" + agent.deviceId).then().body("measurements", equalTo(1));
  }

  @Test
  void staleResult_isGone() throws Exception {
    TestAgent agent = agent("stale-device");
    String id = measureOn(agent.name, 1);
    JsonNode job = agent.claim(20).orElseThrow();
    given().post("/api/v1/searches/" + id + "/cancel").then().statusCode(200);

    assertThat(agent.submit(job, TestAgent.measured(job, 5)).statusCode()).isEqualTo(410);
    assertThat(agent.renew(job).statusCode()).isEqualTo(410);
    assertThat(agent.claim(0)).isEmpty();
    get("/api/v1/devices/" + agent.deviceId).then().body("measurements", equalTo(0));
  }

  @Test
  void modelsFault_isNotTriedAgain_devicesIs() throws Exception {
    TestAgent agent = agent("fault-device");
    String id = measureOn(agent.name, 2);
    JsonNode refused = agent.claim(20).orElseThrow();
    agent.submit(refused, TestAgent.failed(refused, FailureKind.MODEL_REFUSED));
    JsonNode unstable = agent.claim(20).orElseThrow();
    assertThat(unstable.get("jobId")).isNotEqualTo(refused.get("jobId"));
    agent.submit(unstable, TestAgent.failed(unstable, FailureKind.UNSTABLE));
    JsonNode again = agent.claim(20).orElseThrow();
    assertThat(again.get("jobId")).isEqualTo(unstable.get("jobId"));
    assertThat(again.get("attempt").asInt()).isEqualTo(2);
    assertThat(agent.submit(unstable, TestAgent.measured(unstable, 1)).statusCode())
        .as("the first attempt's agent comes back")
        .isEqualTo(409);
    agent.submit(again, TestAgent.measured(again, 1));

    SearchApiTest.awaitState(id, "finished");
    get("/api/v1/searches/" + id + "/front").then().body("", hasSize(1));
  }

  @Test
  void failingDevice_provesItselfFirst() throws Exception {
    TestAgent agent = agent("ill-device");
    String id = measureOn(agent.name, 1);
    JsonNode job = agent.claim(20).orElseThrow();
    agent.submit(job, TestAgent.failed(job, FailureKind.DEVICE));
    get("/api/v1/devices/" + agent.deviceId).then().body("health", equalTo("UNKNOWN"));

    JsonNode check = agent.claim(20).orElseThrow();
    assertThat(check.get("jobId")).isNotEqualTo(job.get("jobId"));
    assertThat(agent.model(check).body()).isEqualTo(SentinelModel.bytes());
    agent.submit(check, TestAgent.failed(check, FailureKind.DOWNLOAD));
    get("/api/v1/devices/" + agent.deviceId)
        .then()
        .body("health", equalTo("UNKNOWN")); // the way to the device says nothing about it
    check = agent.claim(20).orElseThrow();
    agent.submit(check, TestAgent.measured(check, 1));
    get("/api/v1/devices/" + agent.deviceId).then().body("health", equalTo("GOOD"));
    JsonNode again = agent.claim(20).orElseThrow();
    assertThat(again.get("jobId")).isEqualTo(job.get("jobId"));
    agent.submit(again, TestAgent.measured(again, 1));
    SearchApiTest.awaitState(id, "finished");
  }

  @Test
  void waitingAgent_isWokenAtOnce() throws Exception {
    TestAgent agent = agent("quick-device");
    try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
      var claim = threads.submit(() -> agent.claim(25).orElseThrow());
      Thread.sleep(300);
      long launched = System.nanoTime();
      String id = measureOn(agent.name, 40);
      JsonNode job = claim.get();
      assertThat(System.nanoTime() - launched).isLessThan(4_000_000_000L);
      long begun = System.nanoTime();
      for (int i = 0; i < 40; i++) {
        agent.submit(job, TestAgent.measured(job, 1));
        if (i < 39) {
          job = agent.claim(25).orElseThrow();
        }
      }
      double millis = (System.nanoTime() - begun) / 1e6 / 40;
      SearchApiTest.awaitState(id, "finished");
      System.out.printf("farm: %.1f ms a job, result to next claim%n", millis);
      assertThat(millis).isLessThan(1000);
    }
  }

  @Test
  void replayedSearch_measuresNothing() throws Exception {
    TestAgent agent = agent("replay-device");
    String first = measureOn(agent.name, 2);
    for (int i = 0; i < 2; i++) {
      JsonNode job = agent.claim(20).orElseThrow();
      agent.submit(job, TestAgent.measured(job, 4 + i));
    }
    SearchApiTest.awaitState(first, "finished");
    String second =
        SearchApiTest.launch(
            "{\"replay\":%s,\"settings\":{\"generations\":1,\"measure\":2}}".formatted(first));
    SearchApiTest.awaitState(second, "finished");

    get("/api/v1/searches/" + second + "/front")
        .then()
        .body("latencies.p50.flatten()", equalTo(List.of(4f, 5f)));
    get("/api/v1/devices/" + agent.deviceId).then().body("measurements", equalTo(2));
  }

  @Test
  void takenOutDevice_getsNoJobs() throws Exception {
    TestAgent agent = agent("spare-device");
    given()
        .contentType(ContentType.JSON)
        .body("{\"health\":\"MAINTENANCE\",\"reason\":\"new fan\"}")
        .patch("/api/v1/devices/" + agent.deviceId)
        .then()
        .statusCode(200)
        .body("health", equalTo("MAINTENANCE"));
    String id = measureOn(agent.name, 1);
    assertThat(agent.claim(1)).isEmpty();
    given().post("/api/v1/searches/" + id + "/cancel").then().statusCode(200);
  }
}
