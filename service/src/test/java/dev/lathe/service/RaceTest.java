package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.farm.lease.JobState;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.RunListener;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/**
 * Two who change one row. Each test holds the row locked, lets a second one come to it, changes the
 * row and lets go: what the first one wrote must still be there when the second one is done.
 */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class RaceTest {
  private static final Duration TO_COME_TO_THE_LOCK = Duration.ofMillis(400);

  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  @Inject ArtifactFiles files;

  private final ExecutorService second = Executors.newVirtualThreadPerTaskExecutor();

  private TestAgent agent(String name) throws Exception {
    return new TestAgent(service, Files.readString(home.resolve("keys/agent.key")).strip(), name);
  }

  /** Changes a locked row after another one came to it, and gives what that one got. */
  private <T> T race(String table, long id, String change, Callable<T> other) throws Exception {
    Future<T> result =
        QuarkusTransaction.requiringNew()
            .call(
                () -> {
                  SearchRow.getEntityManager()
                      .createNativeQuery(
                          "select 1 from %s where id = ?1 for update".formatted(table))
                      .setParameter(1, id)
                      .getResultList();
                  Future<T> running = second.submit(other);
                  Thread.sleep(TO_COME_TO_THE_LOCK);
                  SearchRow.getEntityManager()
                      .createNativeQuery("update %s set %s where id = ?1".formatted(table, change))
                      .setParameter(1, id)
                      .executeUpdate();
                  return running;
                });
    return result.get(30, TimeUnit.SECONDS);
  }

  private static long job(long device) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              JobRow job = new JobRow();
              job.deviceId = device;
              job.key = "race";
              job.precision = "float32";
              job.protocol = "quick";
              job.modelSha256 = "0".repeat(64);
              job.modelBytes = 1;
              job.state = JobState.PENDING;
              job.createdAt = Instant.now();
              job.persist();
              return job.number();
            });
  }

  private static String health(String device) {
    return get("/api/v1/devices/" + device).path("health");
  }

  @Test
  void maintenance_isNotOverwrittenByAClaim_norByRegisteringAgain() throws Exception {
    TestAgent agent = agent("raced-claim");
    long id = Long.parseLong(agent.deviceId);
    long job = job(id);
    Optional<JsonNode> claimed =
        race(
            "device", id, "health = 'MAINTENANCE', health_reason = 'repair'", () -> agent.claim(0));
    assertThat(health(agent.deviceId)).isEqualTo("MAINTENANCE");
    assertThat(claimed).as("a device out of service gets no job").isEmpty();
    race("device", id, "health = 'RETIRED'", () -> agent("raced-claim"));
    assertThat(health(agent.deviceId)).isEqualTo("RETIRED");
    QuarkusTransaction.requiringNew().run(() -> JobRow.deleteById(job));
  }

  @Test
  void maintenance_isNotOverwrittenByAResult() throws Exception {
    TestAgent agent = agent("raced-result");
    long id = Long.parseLong(agent.deviceId);
    job(id);
    JsonNode job = agent.claim(1).orElseThrow();
    int status =
        race(
            "device",
            id,
            "health = 'MAINTENANCE', health_reason = 'repair'",
            () -> agent.submit(job, TestAgent.measured(job, 1)).statusCode());
    assertThat(status).isEqualTo(200);
    assertThat(health(agent.deviceId)).isEqualTo("MAINTENANCE");
    given()
        .get("/api/v1/devices/" + agent.deviceId)
        .then()
        .body("healthReason", equalTo("repair"))
        .body("measurements", equalTo(1));
  }

  @Test
  void cancelledSearch_isNotRevivedByWhatItsRunStores() throws Exception {
    long id = queued(SearchState.PAUSED);
    DatabaseRunStore store =
        new DatabaseRunStore(id, "builtin", files, InstantSource.system(), new Nobody(), () -> {});
    race(
        "search",
        id,
        "state = 'CANCELLED'",
        () -> {
          store.report("{}");
          return true;
        });
    assertThat(get("/api/v1/searches/" + id).<String>path("state")).isEqualTo("cancelled");
    get("/api/v1/searches/" + id + "/report").then().statusCode(200);
  }

  @Test
  void cancelledSearch_isNotPausedNorResumed() throws Exception {
    for (String action : List.of("pause", "resume")) {
      long id = queued(SearchState.PAUSED);
      int status =
          race(
              "search",
              id,
              "state = 'CANCELLED'",
              () -> given().post("/api/v1/searches/%d/%s".formatted(id, action)).statusCode());
      assertThat(status).as(action).isEqualTo(409);
      assertThat(get("/api/v1/searches/" + id).<String>path("state")).isEqualTo("cancelled");
    }
  }

  @Test
  void sameLaunchesAtOnce_areOneSearch_andNobodyWaitsForAConnection() throws Exception {
    String body = "{\"seed\":99,\"settings\":{\"generations\":1}}";
    Set<String> ids = new HashSet<>();
    for (Future<String> launch :
        second.invokeAll(
            java.util.Collections.nCopies(
                80,
                (Callable<String>)
                    () ->
                        given()
                            .contentType(ContentType.JSON)
                            .header("Idempotency-Key", "all at once")
                            .body(body)
                            .post("/api/v1/searches")
                            .then()
                            .statusCode(201)
                            .extract()
                            .path("id")))) {
      ids.add(launch.get(20, TimeUnit.SECONDS));
    }
    assertThat(ids).hasSize(1);
  }

  @Test
  void sameAgentsAtOnce_areOneDevice() throws Exception {
    Set<String> ids = new HashSet<>();
    for (Future<String> registered :
        second.invokeAll(
            java.util.Collections.nCopies(
                12, (Callable<String>) () -> registered("twelve-agents")))) {
      ids.add(registered.get(20, TimeUnit.SECONDS));
    }
    ids.remove("conflict");
    assertThat(ids).hasSize(1);
  }

  private String registered(String name) throws Exception {
    try {
      return agent(name).deviceId;
    } catch (IllegalStateException e) {
      // Told to try again, as agents do.
      assertThat(e.getMessage()).contains("\"status\":409");
      return "conflict";
    }
  }

  private static long queued(SearchState state) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              SearchRow row = new SearchRow();
              row.name = "raced";
              row.state = state;
              row.stage = "queued";
              row.request = "{}";
              row.requestSha256 = "";
              row.createdAt = Instant.now();
              row.persist();
              return row.number();
            });
  }

  /** A listener of nothing. */
  record Nobody() implements RunListener {
    @Override
    public void candidates(long searchId, List<EvaluatedCandidate> candidates) {}

    @Override
    public void front(long searchId) {}

    @Override
    public void progress(long searchId, String stage, double fraction, String message) {}
  }
}
