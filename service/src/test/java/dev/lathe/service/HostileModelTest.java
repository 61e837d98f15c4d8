package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.isolated.HostileModels;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.Transactions;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Models that mean harm, or are damaged, through every route that takes one: the service says what
 * was wrong, and answers others meanwhile.
 */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class HostileModelTest {
  private static final long MOST_MILLIS = 5000;

  @Inject ArtifactFiles files;

  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final AtomicLong longestMillis = new AtomicLong();
  private Thread others;

  @BeforeEach
  void askMeanwhile() {
    others =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    long start = System.nanoTime();
                    if (get("/api/v1/searches?size=1").statusCode() != 200) {
                      unanswered.incrementAndGet();
                    }
                    longestMillis.accumulateAndGet(
                        (System.nanoTime() - start) / 1_000_000, Math::max);
                    pause(50);
                  }
                });
  }

  @AfterEach
  void othersWereAnswered() throws Exception {
    over.set(true);
    others.join();
    assertThat(unanswered).hasValue(0);
    assertThat(longestMillis.get()).isLessThan(MOST_MILLIS);
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Processes that try a model: they run it. */
  private static long trials() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> commandLine(process).contains("TrialChild"))
        .count();
  }

  /** From the system: what Java tells of a process leaves long command lines out. */
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
    } catch (IOException e) {
      return "";
    }
  }

  private static Response send(byte[] model) {
    return given().contentType("application/onnx").body(model).post("/api/v1/compressions/models");
  }

  private static String sent(OnnxGraph model) {
    return send(model.toBytes()).then().statusCode(200).extract().path("sha256");
  }

  private static String compression(OnnxGraph model) {
    return given()
        .contentType(ContentType.JSON)
        .body(
            "{\"model\":\"%s\",\"recipe\":\"int8\",\"data\":\"noise:4\",\"measure\":false}"
                .formatted(sent(model)))
        .post("/api/v1/compressions")
        .then()
        .statusCode(201)
        .extract()
        .path("id");
  }

  private static Response search(OnnxGraph model) {
    return given()
        .contentType(ContentType.JSON)
        .body(
            "{\"space\":{\"model\":\"sha256:%s\"},\"data\":\"builtin\",\"settings\":{\"trainImages\":64,\"validationImages\":32,\"testImages\":32}}"
                .formatted(sent(model)))
        .post("/api/v1/searches");
  }

  private static String failure(String id) throws InterruptedException {
    SearchApiTest.awaitState(id, "failed");
    return get("/api/v1/searches/" + id).path("error");
  }

  @Test
  void whatIsNoModel_isRefusedWhenItIsSent() {
    for (Map.Entry<String, byte[]> file : HostileModels.garbage().entrySet()) {
      Response answer = send(file.getValue());
      assertThat(answer.statusCode()).as(file.getKey()).isEqualTo(400);
      assertThat(answer.<String>path("detail")).contains("the model cannot be read");
    }
  }

  @Test
  @Tag("slow")
  void modelThatFillsTheHeapOfItsReader_isRefusedWhenItIsSent() {
    assertThat(send(HostileModels.packed(60)).statusCode()).isEqualTo(400);
  }

  @Test
  void compressionOfAnEndlessModel_isKilledByCancel() throws Exception {
    String id = compression(HostileModels.endless());
    long end = System.nanoTime() + 20_000_000_000L;
    while (trials() == 0 && System.nanoTime() < end) {
      pause(20);
    }
    assertThat(trials()).isEqualTo(1);
    given().post("/api/v1/compressions/" + id + "/cancel").then().statusCode(200);
    end = System.nanoTime() + 20_000_000_000L;
    while (trials() > 0 && System.nanoTime() < end) {
      pause(20);
    }
    assertThat(trials()).isZero();
    assertThat(get("/api/v1/compressions/" + id).<String>path("state")).isEqualTo("cancelled");
  }

  @Test
  void compressionOfAModelThatWantsAllMemory_failsWithTheReason() throws Exception {
    assertThat(failure(compression(HostileModels.huge()))).contains("may use");
    assertThat(failure(compression(HostileModels.hugeOnData()))).isNotBlank();
  }

  @Test
  void compressionOfAModelThatLies_failsWithTheReason() throws Exception {
    assertThat(failure(compression(HostileModels.liar()))).isNotBlank();
  }

  @Test
  void searchOfAHostileModel_isRefusedOrFailsWithTheReason() throws Exception {
    Response liar = search(HostileModels.liar());
    assertThat(liar.statusCode() == 400 ? liar.asString() : failure(liar.path("id"))).isNotBlank();
    assertThat(failure(search(HostileModels.endless()).path("id"))).contains("did not finish");
  }

  @Test
  void rooflineOfADamagedModel_isRefused() {
    DeviceRow device =
        Transactions.call(
            () -> {
              DeviceRow row = new DeviceRow();
              row.name = "hostile-roofline";
              row.backend = "test";
              row.host = "elsewhere";
              row.runtime = "test 1";
              row.processor = "p";
              row.threads = 1;
              row.version = "1";
              row.health = dev.lathe.farm.device.Health.GOOD;
              row.registeredAt = Instant.now();
              row.lastSeenAt = Instant.now();
              row.persist();
              return row;
            });
    long search =
        Long.parseLong(SearchApiTest.launch("{\"data\":\"builtin\",\"name\":\"hostile\"}"));
    HostileModels.garbage()
        .forEach(
            (name, bytes) -> {
              String sha256 = files.put(bytes);
              long artifact =
                  Transactions.call(
                      () -> {
                        ArtifactRow row = new ArtifactRow();
                        row.searchId = search;
                        row.key = name;
                        row.kind = ArtifactRecord.Kind.OTHER;
                        row.name = name;
                        row.mediaType = ArtifactRecord.ONNX;
                        row.sha256 = sha256;
                        row.bytes = bytes.length;
                        row.createdAt = Instant.now();
                        row.persist();
                        return row.number();
                      });
              get("/api/v1/artifacts/%d/roofline?device=%s".formatted(artifact, device.name))
                  .then()
                  .statusCode(400);
            });
  }
}
