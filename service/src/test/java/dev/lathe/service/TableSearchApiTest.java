package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables as spaces: sent, searched by every method that can, refused by those that cannot. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class TableSearchApiTest {
  @BeforeEach
  void table() {
    StringBuilder text =
        new StringBuilder("gene:a,gene:b,metric:top1_percent,metric:desk_latency_ms\n");
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b < 10; b++) {
        text.append("%d,%d,%d,%d\n".formatted(a, b, 50 + 4 * a - (a - b) * (a - b), 1 + a));
      }
    }
    given()
        .contentType("text/csv")
        .body(text.toString())
        .put("/api/v1/tables/tiny")
        .then()
        .statusCode(200)
        .body("rows", equalTo(100))
        .body("metrics", hasItems("top1_percent", "latency@desk"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "aging", "nsga2", "unsga3", "predictor"})
  void table_isSearchedByEachMethod_andStoresTheJsonThatACheckTells(String method)
      throws Exception {
    String body =
        """
        {"space":{"table":"tiny"},"method":{"name":"%s"},"budget":{"evaluations":40},
         "objectives":[{"maximize":"top1_percent"},{"minimize":"latency@desk"}],
         "constraints":[{"metric":"latency@desk","atMost":8}]}"""
            .formatted(method);
    Map<String, Object> checked =
        given()
            .contentType(ContentType.JSON)
            .body(body)
            .post("/api/v1/searches/check")
            .then()
            .statusCode(200)
            .extract()
            .path("$");
    String id = SearchApiTest.launch(body);
    SearchApiTest.awaitState(id, "finished");

    Map<String, Object> stored = get("/api/v1/searches/" + id).path("request");
    assertThat(stored).isEqualTo(checked);
    get("/api/v1/searches/" + id)
        .then()
        .body("candidates", equalTo(40))
        .body("best.figures.'latency@desk'", equalTo(1f));
    List<Float> latencies =
        get("/api/v1/searches/" + id + "/front").path("figures.'latency@desk'.value");
    assertThat(latencies).isNotEmpty().allSatisfy(value -> assertThat(value).isLessThan(8.1f));
    List<List<Float>> history = get("/api/v1/searches/" + id + "/hypervolume").path("$");
    assertThat(history).last().satisfies(last -> assertThat(last.get(0)).isEqualTo(40f));
    assertThat(history.stream().map(pair -> pair.get(1)).toList()).isSorted();
    get("/api/v1/searches/" + id + "/candidates?size=1")
        .then()
        .body("items[0].figures.top1_percent.source", equalTo("published"));
    get("/api/v1/searches/" + id + "/report")
        .then()
        .body("search.algorithm", equalTo(method))
        .body("request.budget.evaluations", equalTo(40));
  }

  @Test
  void storedRequest_canBeLaunchedAgainAsItIs() throws Exception {
    String id = SearchApiTest.launch("{\"space\":{\"table\":\"tiny\"}}");
    SearchApiTest.awaitState(id, "finished");
    Object request = get("/api/v1/searches/" + id).path("request");
    String again =
        given()
            .contentType(ContentType.JSON)
            .body(request)
            .post("/api/v1/searches")
            .then()
            .statusCode(201)
            .extract()
            .path("id");
    SearchApiTest.awaitState(again, "finished");
    assertThat(get("/api/v1/searches/" + again).<Object>path("request")).isEqualTo(request);
    assertThat(get("/api/v1/searches/" + again + "/front").<List<?>>path("figures"))
        .isEqualTo(get("/api/v1/searches/" + id + "/front").<List<?>>path("figures"));
  }

  @Test
  void methods_tellTheirSettingsAndWhatTheyRefuse() {
    get("/api/v1/methods")
        .then()
        .body("name", hasItems("random", "aging", "nsga2", "unsga3", "predictor"))
        .body("name", hasItems("single-path", "netadapt"))
        .body("find { it.name == 'nsga2' }.settings.name", hasItem("population"))
        .body("find { it.name == 'netadapt' }.refuses.table", containsString("table"));
    get("/api/v1/forms").then().body("$", hasItems("float32", "int8", "weights4"));
    get("/api/v1/metrics").then().body("size()", greaterThan(10));
  }

  @Test
  void whatCannotBeSearched_isRefusedBeforeItStarts() {
    refused("{\"space\":{\"table\":\"tiny\"},\"method\":\"netadapt\"}", "method", "table");
    refused("{\"space\":{\"table\":\"none\"}}", "'space.table'", "none");
    refused(
        "{\"space\":{\"table\":\"tiny\"},\"objectives\":[{\"minimize\":\"energy@desk\"}]}",
        "'objectives[0]'",
        "energy@desk");
    refused("{\"space\":{\"table\":\"tiny\"},\"forms\":[\"int8\"]}", "forms", "no forms");
    refused("{\"devices\":[\"nowhere\"]}", "devices", "nowhere");
    refused(
        "{\"space\":{\"table\":\"tiny\"},\"warmStart\":{\"search\":1}}",
        "warmStart",
        "initialWeights");
    refused("{\"space\":{\"table\":\"tiny\"},\"replay\":999999}", "replay", "999999");
    refused(
        "{\"space\":{\"table\":\"tiny\"},\"method\":{\"name\":\"nsga2\",\"populations\":3}}",
        "method",
        "populations");
    given()
        .contentType("text/csv")
        .body("gene:a,metric:b\n1\n")
        .put("/api/v1/tables/broken")
        .then()
        .statusCode(400)
        .body("errors.table", containsString("line 2"));
  }

  private static void refused(String body, String field, String text) {
    given()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/searches")
        .then()
        .statusCode(400)
        .body("errors." + field, containsString(text));
  }
}
