package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Asking and telling over REST. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class StudyApiTest {
  private static final String REQUEST =
      """
      {"name":"mine","seed":4,"method":{"name":"nsga2","population":6},
       "space":{"genes":[{"name":"width","choices":["8","16","32","64"]},
                         {"name":"depth","choices":["1","2","3","4"]}]},
       "objectives":[{"maximize":"accuracy"},{"minimize":"latency@mine"}],
       "constraints":[{"metric":"latency@mine","atMost":200}],
       "settings":{"leaseSeconds":%d}}""";

  private static String begin(int leaseSeconds) {
    return given()
        .contentType(ContentType.JSON)
        .body(REQUEST.formatted(leaseSeconds))
        .post("/api/v1/studies")
        .then()
        .statusCode(201)
        .body("state", equalTo("running"))
        .extract()
        .path("id");
  }

  private static JsonPath ask(String study, String client, int count) {
    return given()
        .contentType(ContentType.JSON)
        .body(Map.of("client", client, "count", count))
        .post("/api/v1/studies/" + study + "/suggestions")
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static Response tell(String study, Object result) {
    return given()
        .contentType(ContentType.JSON)
        .body(result)
        .post("/api/v1/studies/" + study + "/results");
  }

  private static Map<String, Object> result(String suggestion, Map<String, String> genes) {
    int width = Integer.parseInt(genes.get("width"));
    int depth = Integer.parseInt(genes.get("depth"));
    return Map.of(
        "suggestion",
        suggestion,
        "figures",
        Map.of(
            "accuracy",
            1 - 1.0 / (1 + width * depth),
            "latency@mine",
            Map.of("value", width * depth, "lower", width * depth, "upper", 1.1 * width * depth)));
  }

  @Test
  void client_askingAgain_getsWhatItDidNotTell_andEachResultCountsOnce() {
    String study = begin(3600);
    JsonPath first = ask(study, "a", 2);
    JsonPath again = ask(study, "a", 2);
    JsonPath other = ask(study, "b", 2);
    assertThat(again.getList("id")).isEqualTo(first.getList("id")).hasSize(2);
    assertThat(other.getList("id")).doesNotContainAnyElementsOf(first.getList("id"));

    Map<String, Object> told = result(first.getString("[0].id"), first.getMap("[0].architecture"));
    String candidate = tell(study, told).then().statusCode(200).extract().path("id");
    tell(study, told).then().statusCode(200).body("id", equalTo(candidate));
    tell(study, Map.of("suggestion", first.getString("[0].id"), "failure", "out of memory"))
        .then()
        .statusCode(409);
    tell(study, Map.of("suggestion", first.getString("[1].id"), "failure", "out of memory"))
        .then()
        .statusCode(200)
        .body("status", equalTo("FAILED"))
        .body("failure", equalTo("out of memory"));
    tell(study, Map.of("suggestion", other.getString("[0].id"), "figures", Map.of("accuracy", 1)))
        .then()
        .statusCode(400)
        .body("errors.figures", containsString("latency@mine"));
    get("/api/v1/searches/" + study).then().body("candidates", equalTo(2));
    assertThat(ask(study, "a", 1).getString("[0].id")).isNotEqualTo(first.getString("[0].id"));
  }

  @Test
  void knownResults_startAStudy_andConstraintsAreKeptByTheIntervalsEnd() {
    String study = begin(3600);
    for (String depth : List.of("3", "4")) {
      Map<String, Object> known = new java.util.LinkedHashMap<>();
      known.put("architecture", Map.of("width", "64", "depth", depth));
      known.put("figures", result("", Map.of("width", "64", "depth", depth)).get("figures"));
      // 64 × 3 = 192 ms is within 200, the end of its interval is not.
      tell(study, known).then().statusCode(200).body("status", equalTo("INFEASIBLE"));
      tell(study, known).then().statusCode(400);
    }
    Set<Map<String, String>> asked =
        new HashSet<>(ask(study, "a", 14).<Map<String, String>>getList("architecture"));
    assertThat(asked).hasSize(14).doesNotContain(Map.of("width", "64", "depth", "3"));
    assertThat(ask(study, "b", 5).getList("id")).as("the space has no more").isEmpty();
  }

  @Test
  void manyWorkers_someOfWhomDie_loseNothingAndTellNothingTwice() throws Exception {
    String study = begin(1);
    try (ExecutorService workers = Executors.newFixedThreadPool(4)) {
      List<Future<Integer>> done = new ArrayList<>();
      for (int w = 0; w < 4; w++) {
        String client = "worker-" + w;
        boolean dies = w == 0;
        Callable<Integer> work = () -> work(study, client, dies);
        done.add(workers.submit(work));
      }
      int told = 0;
      for (Future<Integer> one : done) {
        told += one.get();
      }
      // A slow worker may tell what another told meanwhile: that counts once.
      assertThat(told).isGreaterThanOrEqualTo(16);
    }
    get("/api/v1/searches/" + study).then().body("candidates", equalTo(16));
    given()
        .contentType(ContentType.JSON)
        .post("/api/v1/studies/" + study + "/finish")
        .then()
        .statusCode(200)
        .body("state", equalTo("finished"));
    List<Float> latencies =
        get("/api/v1/searches/" + study + "/front").path("figures.'latency@mine'.value");
    assertThat(latencies).contains(8f).allSatisfy(value -> assertThat(value).isLessThan(182));
    List<List<Float>> history = get("/api/v1/searches/" + study + "/hypervolume").path("$");
    assertThat(history).hasSize(7);
    given()
        .contentType(ContentType.JSON)
        .body(Map.of("client", "late"))
        .post("/api/v1/studies/" + study + "/suggestions")
        .then()
        .statusCode(409);
  }

  private static int work(String study, String client, boolean dies) throws InterruptedException {
    int told = 0;
    int idle = 0;
    while (idle < 15) {
      JsonPath asked = ask(study, client, 1);
      if (asked.getList("id").isEmpty()) {
        idle++;
        Thread.sleep(100);
        continue;
      }
      if (dies && told == 1) {
        return told;
      }
      tell(study, result(asked.getString("[0].id"), asked.getMap("[0].architecture")))
          .then()
          .statusCode(200);
      told++;
    }
    return told;
  }

  @Test
  void wrongStudies_areRefused() {
    refused("{\"objectives\":[{\"maximize\":\"a\"}]}", "space");
    refused("{\"space\":{\"genes\":[{\"name\":\"a\",\"choices\":[1]}]}}", "objectives");
    refused(
        "{\"space\":{\"genes\":[{\"name\":\"a\",\"choices\":[1,1]}]},\"objectives\":[{\"maximize\":\"a\"}]}",
        "'space.genes'");
    refused(
        "{\"space\":{\"genes\":[{\"name\":\"a\",\"choices\":[1]}]},\"objectives\":[{\"maximize\":\"a\"}],\"method\":\"netadapt\"}",
        "method");
    String study = begin(60);
    given()
        .contentType(ContentType.JSON)
        .body("{\"count\":1}")
        .post("/api/v1/studies/" + study + "/suggestions")
        .then()
        .statusCode(400);
    tell(study, Map.of("suggestion", "999999", "failure", "x")).then().statusCode(400);
    tell(study, Map.of("architecture", Map.of("width", "7"), "failure", "x"))
        .then()
        .statusCode(400)
        .body("errors.architecture", containsString("width"));
  }

  private static void refused(String body, String field) {
    given()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/studies")
        .then()
        .statusCode(400)
        .body("errors." + field, containsString(""));
  }
}
