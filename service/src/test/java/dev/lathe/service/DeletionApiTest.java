package dev.lathe.service;

import static dev.lathe.service.SearchApiTest.awaitState;
import static dev.lathe.service.SearchApiTest.launch;
import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.search.OrphanSweep;
import dev.lathe.service.search.Retention;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** What is deleted, by people and by itself, and what is not. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class DeletionApiTest {
  private static final String TABLE = "gene:a,metric:top1_percent\n0,50\n1,60\n";

  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  @Inject ArtifactFiles files;

  @Inject OrphanSweep orphans;

  @Inject Retention retention;

  private static String path(Object... parts) {
    StringBuilder path = new StringBuilder("/api/v1");
    for (Object part : parts) {
      path.append('/').append(part);
    }
    return path.toString();
  }

  private static long number(String id) {
    return Long.parseLong(id);
  }

  private String busy(String request) throws Exception {
    String id = launch(request);
    awaitState(id, "running");
    return id;
  }

  private static void endAndDelete(String id) {
    given().post(path("searches", id, "cancel")).then().statusCode(200);
    given().delete(path("searches", id)).then().statusCode(204);
  }

  /** Stores a file as if it was stored a while ago. */
  private String artifact(String search, byte[] content) throws IOException {
    String sha256 =
        new DatabaseRunStore(
                number(search),
                "builtin",
                files,
                InstantSource.system(),
                new RaceTest.Nobody(),
                () -> {})
            .artifact(
                ArtifactRecord.file("f", ArtifactRecord.Kind.OTHER, "f", "text/plain"), content)
            .sha256();
    age(sha256);
    return sha256;
  }

  private void age(String sha256) throws IOException {
    Files.setLastModifiedTime(
        files.path(sha256), FileTime.from(Instant.now().minus(Duration.ofDays(2))));
  }

  @Test
  void tables_areKeptBySweeps_andDeletedUnlessARunIsAtWork() throws Exception {
    byte[] csv = TABLE.getBytes(StandardCharsets.UTF_8);
    given().contentType("text/csv").body(csv).put(path("tables", "deleted")).then().statusCode(200);
    String sha256 = ArtifactFiles.sha256(csv);
    age(sha256);
    int unused = orphans.sweep();
    assertThat(files.path(sha256)).as("a table belongs to itself").exists();

    String run =
        busy("{\"name\":\"deleted\",\"settings\":{\"generations\":300,\"stepMillis\":20}}");
    given()
        .delete(path("tables", "deleted"))
        .then()
        .statusCode(409)
        .body("detail", containsString("run " + run));
    endAndDelete(run);
    given().delete(path("tables", "deleted")).then().statusCode(204);
    given().delete(path("tables", "deleted")).then().statusCode(404);
    get(path("tables")).then().body("name", not(hasItem("deleted")));
    unused = orphans.sweep();
    assertThat(files.path(sha256)).doesNotExist();
  }

  @Test
  void spaces_areDeleted_butNotBuiltInOnes() {
    String builtIn = get(path("spaces")).path("[0].name");
    given().delete(path("spaces", builtIn)).then().statusCode(404);
    given().delete(path("spaces", "nothing")).then().statusCode(404);
  }

  @Test
  void dataSetOfARunAtWork_isNotDeleted() throws Exception {
    String run = busy("{\"settings\":{\"generations\":300,\"stepMillis\":20}}");
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                SearchRow.update(
                    "request = ?1 where id = ?2", "{\"data\":\"dataset:held\"}", number(run)));
    given()
        .delete(path("datasets", "held"))
        .then()
        .statusCode(409)
        .body("detail", containsString("run " + run));
    endAndDelete(run);
    given().delete(path("datasets", "held")).then().statusCode(404);
  }

  @Test
  void contentOfAFile_isDeleted_andWhatIsKnownOfItStays() throws Exception {
    String run = busy("{\"settings\":{\"generations\":300,\"stepMillis\":20}}");
    String sha256 = artifact(run, new byte[] {7, 7, 1});
    String id = get(path("searches", run, "artifacts")).path("[0].id");
    given().delete(path("artifacts", id)).then().statusCode(409);
    given().post(path("searches", run, "cancel")).then().statusCode(200);
    get(path("artifacts", id, "content")).then().statusCode(200);

    given().delete(path("artifacts", id)).then().statusCode(204);
    given().delete(path("artifacts", id)).then().statusCode(204);
    get(path("artifacts", id, "content"))
        .then()
        .statusCode(410)
        .body("detail", containsString("was deleted"));
    get(path("artifacts", id))
        .then()
        .body("sha256", equalTo(sha256))
        .body("contentDeletedAt", notNullValue());
    int unused = orphans.sweep();
    assertThat(files.path(sha256)).doesNotExist();
    given().delete(path("artifacts", 99999999)).then().statusCode(404);
  }

  @Test
  void device_isTakenOffTheList_onceItsAgentIsGone_andComesBackWithIt() throws Exception {
    String key = Files.readString(home.resolve("keys/agent.key")).strip();
    TestAgent agent = new TestAgent(service, key, "passing");
    given()
        .delete(path("devices", agent.deviceId))
        .then()
        .statusCode(409)
        .body("detail", containsString("'passing'"));
    String waits =
        launch("{\"device\":\"passing\",\"settings\":{\"generations\":1,\"measure\":1}}");
    JsonNode job = agent.claim(20).orElseThrow();
    quiet(agent);
    given().delete(path("devices", agent.deviceId)).then().statusCode(409);
    assertThat(agent.submit(job, TestAgent.measured(job, 1)).statusCode()).isEqualTo(200);
    awaitState(waits, "finished");
    quiet(agent);

    given().delete(path("devices", agent.deviceId)).then().statusCode(204);
    get(path("devices")).then().body("name", not(hasItem("passing")));
    get(path("devices", agent.deviceId)).then().statusCode(404);
    given().delete(path("devices", agent.deviceId)).then().statusCode(404);
    assertThat(get(path("searches", waits, "front")).statusCode()).isEqualTo(200);
    get(path("searches", waits, "front"))
        .then()
        .body("[0].latencies[0].device", equalTo("passing"));

    assertThat(new TestAgent(service, key, "passing").deviceId).isEqualTo(agent.deviceId);
    get(path("devices")).then().body("name", hasItem("passing"));
  }

  /** Nothing is heard of its agent any more. */
  private static void quiet(TestAgent agent) {
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                DeviceRow.update(
                    "lastSeenAt = ?1 where id = ?2",
                    Instant.now().minusSeconds(3600),
                    number(agent.deviceId)));
  }

  /** A run that ended so many days ago. */
  private static String ended(int days, RunKind kind) {
    return run(SearchState.FINISHED, kind, "{}", Instant.now().minus(Duration.ofDays(days)));
  }

  private static String run(SearchState state, RunKind kind, String request, Instant ended) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              SearchRow row = new SearchRow();
              row.name = "calibration of retention";
              row.kind = kind;
              row.state = state;
              row.stage = "finished";
              row.request = request;
              row.requestSha256 = "";
              row.createdAt = ended;
              row.startedAt = ended;
              row.finishedAt = ended;
              row.persist();
              return Long.toString(row.number());
            });
  }

  private static boolean isThere(String id) {
    return QuarkusTransaction.requiringNew().call(() -> SearchRow.count("id", number(id)) > 0);
  }

  @Test
  void oldRuns_areDeletedAfterTheirDays_butNotCalibrationsNorWhatOthersName() throws Exception {
    String old = ended(40, RunKind.SEARCH);
    String compression = ended(31, RunKind.COMPRESSION);
    String recent = ended(29, RunKind.SEARCH);
    String calibration = ended(40, RunKind.CALIBRATION);
    String named = ended(40, RunKind.SEARCH);
    String source = ended(40, RunKind.SEARCH);
    artifact(source, new byte[] {4, 4, 2});
    String weights = get(path("searches", source, "artifacts")).path("[0].id");
    String waiting =
        run(
            SearchState.PAUSED,
            RunKind.SEARCH,
            "{\"replay\":%s,\"settings\":{\"initialWeights\":\"%s\"}}".formatted(named, weights),
            Instant.now());

    assertThat(retention.apply(OptionalInt.empty(), OptionalDouble.empty())).isZero();
    assertThat(retention.apply(OptionalInt.of(30), OptionalDouble.empty())).isEqualTo(2);
    assertThat(isThere(old)).isFalse();
    assertThat(isThere(compression)).isFalse();
    assertThat(isThere(recent)).isTrue();
    assertThat(isThere(calibration)).isTrue();
    assertThat(isThere(named)).isTrue();
    assertThat(isThere(source)).isTrue();
    endAndDelete(waiting);
    assertThat(retention.apply(OptionalInt.of(30), OptionalDouble.empty())).isEqualTo(2);
    for (String id : new String[] {recent, calibration}) {
      given().delete(path("searches", id)).then().statusCode(204);
    }
  }

  @Test
  void oldestRuns_areDeleted_untilTheHomeFitsItsShare() throws Exception {
    String oldest = ended(9, RunKind.SEARCH);
    String next = ended(8, RunKind.SEARCH);
    String last = ended(7, RunKind.SEARCH);
    String today = run(SearchState.FINISHED, RunKind.SEARCH, "{}", Instant.now());
    artifact(oldest, new byte[3_000_000]);
    byte[] large = new byte[3_000_000];
    large[0] = 1;
    artifact(next, large);
    assertThat(retention.apply(OptionalInt.empty(), OptionalDouble.of(1))).isZero();
    long total = ((Number) get(path("disk")).path("total")).longValue();
    long taken = ((Number) get(path("disk")).path("home")).longValue();

    // A little less than is taken: the first run's file is enough.
    double share = (taken - 1_000_000.0) / total;
    assertThat(retention.apply(OptionalInt.empty(), OptionalDouble.of(share))).isEqualTo(1);
    assertThat(isThere(oldest)).isFalse();
    assertThat(isThere(next)).isTrue();
    // Nothing is enough: all go but those of the last day.
    assertThat(retention.apply(OptionalInt.empty(), OptionalDouble.of(1e-15)))
        .isGreaterThanOrEqualTo(2);
    assertThat(isThere(last)).isFalse();
    assertThat(isThere(today)).isTrue();
    given().delete(path("searches", today)).then().statusCode(204);
  }

  @Test
  void disk_isTold_byWhatItHolds() {
    get(path("disk"))
        .then()
        .statusCode(200)
        .body("total", greaterThan(0L))
        .body("free", greaterThan(0L))
        .body("home", greaterThan(0))
        .body("parts.other", greaterThan(0))
        .body("low", notNullValue());
  }
}
