package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.search.OrphanSweep;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class SearchApiTest {
  @TestHTTPResource("/")
  URI service;

  @Inject TestRunner runner;

  @Inject ArtifactFiles files;

  @Inject OrphanSweep orphans;

  static String launch(String json) {
    return given()
        .contentType(ContentType.JSON)
        .body(json)
        .post("/api/v1/searches")
        .then()
        .statusCode(201)
        .extract()
        .path("id");
  }

  static void awaitState(String id, String state) throws InterruptedException {
    long end = System.nanoTime() + 30_000_000_000L;
    String last = "";
    while (System.nanoTime() < end) {
      last = get("/api/v1/searches/" + id).path("state");
      if (last.equals(state)) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("search %s is %s, not %s".formatted(id, last, state));
  }

  @Test
  void launchedSearch_runsToItsEnd() throws Exception {
    Response created =
        given()
            .contentType(ContentType.JSON)
            .body("{\"seed\":7,\"name\":\"first\",\"settings\":{\"generations\":3}}")
            .post("/api/v1/searches");
    created
        .then()
        .statusCode(201)
        .header("Location", containsString("/api/v1/searches/"))
        .body("name", equalTo("first"))
        .body("request.seed", equalTo(7));
    String id = created.path("id");
    awaitState(id, "finished");

    get("/api/v1/searches/" + id)
        .then()
        .body("candidates", equalTo(12))
        .body("fraction", equalTo(1f))
        .body("startedAt", notNullValue())
        .body("finishedAt", notNullValue());
    get("/api/v1/searches/" + id + "/report").then().statusCode(200).body("seed", equalTo(7));
    get("/api/v1/data-sets").then().body("find { it.spec == 'builtin' }.train", equalTo(8));
  }

  @Test
  void candidates_arePagedAndKnowWhoIsNotDominated() throws Exception {
    String id = launch("{\"seed\":3,\"settings\":{\"generations\":5}}");
    awaitState(id, "finished");
    String path = "/api/v1/searches/" + id + "/candidates";

    get(path + "?page=1&size=6")
        .then()
        .body("items.size()", equalTo(6))
        .body("total", equalTo(20))
        .body("items[0].generation", equalTo(1))
        .body("items[0].architecture.kernel", equalTo("k2"));

    // Latency and parameters grow from one candidate to the next, so that the front is exactly the
    // candidates that are more accurate than all before them.
    List<Float> accuracies = get(path).path("items.validationAccuracy");
    List<Boolean> flags = get(path).path("items.nonDominated");
    float best = -1;
    for (int i = 0; i < accuracies.size(); i++) {
      assertThat(flags.get(i)).as("candidate %d", i).isEqualTo(accuracies.get(i) > best);
      best = Math.max(best, accuracies.get(i));
    }
    List<Boolean> sampled = get(path + "?sample=5").path("items.nonDominated");
    assertThat(sampled).hasSizeBetween(5, 5 + (int) flags.stream().filter(flag -> flag).count());
    assertThat(sampled.stream().filter(flag -> flag))
        .hasSize((int) flags.stream().filter(flag -> flag).count());
    List<Boolean> filtered = get(path + "?nonDominated=true").path("items.nonDominated");
    assertThat(filtered)
        .hasSize((int) flags.stream().filter(flag -> flag).count())
        .doesNotContain(false);
  }

  @Test
  void sameIdempotencyKey_launchesOnce() {
    Response first = launchUnder("key-1", "{\"seed\":1}");
    Response second = launchUnder("key-1", "{\"seed\":1}");
    Response other = launchUnder("key-1", "{\"seed\":2}");

    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(second.statusCode()).isEqualTo(201);
    assertThat(second.<String>path("id")).isEqualTo(first.path("id"));
    assertThat(other.statusCode()).isEqualTo(422);
  }

  private static Response launchUnder(String key, String body) {
    return given()
        .contentType(ContentType.JSON)
        .header("Idempotency-Key", key)
        .body(body)
        .post("/api/v1/searches");
  }

  @Test
  void wrongRequest_isAProblemThatNamesTheField() {
    problem("{\"minutes\":-1}", 400, "minutes", "-1");
    problem("{\"seeed\":1}", 400, "seeed", "seeed");
    problem("{\"data\":\"folder:nowhere\"}", 400, "data", "no folder of the service's machine");
    problem("{\"settings\":{\"colour\":1}}", 400, "'settings.colour'", "colour");
    problem("{\"constraints\":{\"minAccuracy\":90}}", 400, "'constraints.minAccuracy'", "90");
    problem("{\"replay\":999999}", 400, "replay", "999999");
    given()
        .contentType(ContentType.JSON)
        .body("{\"seed\":")
        .post("/api/v1/searches")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("title", equalTo("Bad request"));
  }

  private static void problem(String body, int status, String field, String text) {
    given()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/searches")
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("status", equalTo(status))
        .body("errors." + field, containsString(text));
  }

  @Test
  void unknownThings_areProblems() {
    for (String path :
        List.of(
            "/api/v1/searches/999999",
            "/api/v1/searches/999999/front",
            "/api/v1/artifacts/999999",
            "/api/v1/devices/999999",
            "/api/v1/measurements/999999",
            "/api/v1/nothing")) {
      get(path)
          .then()
          .statusCode(404)
          .contentType("application/problem+json")
          .body("status", equalTo(404));
    }
  }

  @Test
  void pausedSearch_goesOnWhereItWas() throws Exception {
    int before = runner.generationsComputed.get();
    String id = launch("{\"settings\":{\"generations\":6,\"stepMillis\":100}}");
    awaitState(id, "running");
    Thread.sleep(250);
    given().post("/api/v1/searches/" + id + "/pause").then().statusCode(200);
    awaitState(id, "paused");
    int candidates = get("/api/v1/searches/" + id).path("candidates");
    assertThat(candidates).isLessThan(24);

    given().post("/api/v1/searches/" + id + "/resume").then().statusCode(200);
    awaitState(id, "finished");

    get("/api/v1/searches/" + id).then().body("candidates", equalTo(24));
    assertThat(runner.generationsComputed.get() - before).isEqualTo(6);
  }

  @Test
  void cancelledSearch_staysCancelled() throws Exception {
    String id = launch("{\"settings\":{\"generations\":100,\"stepMillis\":50}}");
    awaitState(id, "running");
    given()
        .post("/api/v1/searches/" + id + "/cancel")
        .then()
        .statusCode(200)
        .body("state", equalTo("cancelled"));
    given().post("/api/v1/searches/" + id + "/resume").then().statusCode(409);
    String next = launch("{\"settings\":{\"generations\":1}}");
    awaitState(next, "finished");
    get("/api/v1/searches/" + id).then().body("state", equalTo("cancelled"));
  }

  @Test
  void deletedSearch_isGoneWithItsFiles_butNotThoseThatOthersHave() throws Exception {
    String one = launch("{\"seed\":41,\"settings\":{\"generations\":2}}");
    String two = launch("{\"seed\":42,\"settings\":{\"generations\":300,\"stepMillis\":20}}");
    awaitState(one, "finished");
    byte[] shared = {1, 2, 3, 4};
    byte[] own = {5, 6, 7};
    byte[] young = {8, 9};
    for (String id : List.of(one, two)) {
      artifact(id, "shared", shared);
    }
    artifact(one, "own", own);
    artifact(one, "young", young);
    for (byte[] old : List.of(shared, own)) {
      Files.setLastModifiedTime(
          files.path(ArtifactFiles.sha256(old)),
          FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    }
    awaitState(two, "running");
    given().delete("/api/v1/searches/" + two).then().statusCode(409);
    given().delete("/api/v1/searches/" + one).then().statusCode(204);
    get("/api/v1/searches/" + one).then().statusCode(404);
    assertThat(orphans.sweep()).isEqualTo(1);
    assertThat(files.path(ArtifactFiles.sha256(own))).doesNotExist();
    assertThat(files.path(ArtifactFiles.sha256(shared))).as("another has it").exists();
    assertThat(files.path(ArtifactFiles.sha256(young))).as("spared for a day").exists();
    given().post("/api/v1/searches/" + two + "/cancel").then().statusCode(200);
    given().delete("/api/v1/searches/" + two).then().statusCode(204);
    given().delete("/api/v1/searches/" + two).then().statusCode(404);
  }

  private void artifact(String search, String name, byte[] content) {
    var unused =
        new DatabaseRunStore(
                Long.parseLong(search),
                "builtin",
                files,
                InstantSource.system(),
                new RaceTest.Nobody(),
                () -> {})
            .artifact(
                ArtifactRecord.file(name, ArtifactRecord.Kind.OTHER, name, "text/plain"), content);
  }

  @Test
  void failedSearch_saysWhyAndMayBeResumed() throws Exception {
    String id = launch("{\"settings\":{\"generations\":1,\"fail\":\"the disk is on fire\"}}");
    awaitState(id, "failed");
    get("/api/v1/searches/" + id).then().body("error", equalTo("the disk is on fire"));
    given().post("/api/v1/searches/" + id + "/resume").then().statusCode(200);
    awaitState(id, "failed");
  }

  /** Lines of the event stream until it ends, or until {@code most} lines came. */
  private List<String> events(String id, String lastId, long most) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(service.resolve("/api/v1/searches/" + id + "/events"))
            .timeout(java.time.Duration.ofSeconds(30))
            .header("Authorization", "Bearer " + OwnersKey.text());
    if (!lastId.isEmpty()) {
      request.header("Last-Event-ID", lastId);
    }
    try (HttpClient http = HttpClient.newHttpClient();
        Stream<String> lines = http.send(request.build(), BodyHandlers.ofLines()).body()) {
      List<String> all = lines.limit(most).toList();
      http.shutdownNow();
      return all;
    }
  }

  private static List<String> ids(List<String> lines) {
    return lines.stream().filter(line -> line.startsWith("id:")).toList();
  }

  @Test
  void events_goOnAfterTheLastThatWasHeard_andEndWithTheSearch() throws Exception {
    String id = launch("{\"settings\":{\"generations\":6,\"stepMillis\":300}}");
    List<String> begun = events(id, "", 12);
    String heard = ids(begun).getLast().substring(3).strip();
    List<String> rest = events(id, heard, Long.MAX_VALUE); // ends by itself
    assertThat(ids(rest))
        .isNotEmpty()
        .doesNotHaveDuplicates()
        .doesNotContainAnyElementsOf(ids(begun));
    int count = Integer.parseInt(heard.substring(heard.indexOf('-') + 1));
    assertThat(ids(rest).getFirst()).endsWith("-" + (count + 1));
    assertThat(rest).anyMatch(line -> line.contains("\"state\":\"finished\""));
    List<String> over = events(id, "", Long.MAX_VALUE);
    assertThat(over).anyMatch(line -> line.contains("\"state\":\"finished\""));
    assertThat(over.stream().filter(line -> line.startsWith("event:"))).hasSize(1);
  }

  @Test
  void events_tellStateProgressAndCandidates() throws Exception {
    String id = launch("{\"settings\":{\"generations\":8,\"stepMillis\":120}}");
    List<String> lines = new CopyOnWriteArrayList<>();
    try (HttpClient http = HttpClient.newHttpClient();
        ExecutorService reader = Executors.newSingleThreadExecutor()) {
      var reading =
          reader.submit(
              () -> {
                try (Stream<String> body =
                    http.send(
                            HttpRequest.newBuilder(
                                    service.resolve("/api/v1/searches/" + id + "/events"))
                                .header("Authorization", "Bearer " + OwnersKey.text())
                                .build(),
                            BodyHandlers.ofLines())
                        .body()) {
                  body.peek(lines::add)
                      .takeWhile(line -> !line.contains("\"state\":\"finished\""))
                      .forEach(line -> {});
                }
                return true;
              });
      assertThat(reading.get(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      http.shutdownNow();
    }
    assertThat(lines.stream().filter(line -> line.startsWith("event:")).findFirst())
        .hasValue("event:state");
    assertThat(lines).contains("event:progress", "event:candidate");
    assertThat(lines)
        .anySatisfy(line -> assertThat(line).startsWith("data:").contains("\"stage\":\"search\""));
    long candidates = lines.stream().filter("event:candidate"::equals).count();
    assertThat(candidates).isBetween(4L, 32L).isEqualTo(candidates / 4 * 4);
  }
}
