package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** Data sets: sent, registered, named, and no other way to a folder of the service's machine. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class DataSetApiTest {
  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  @Inject ArtifactFiles files;

  static byte[] archive(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static Response upload(String name, byte[] archive) {
    return given()
        .contentType("application/zip")
        .body(archive)
        .put("/api/v1/datasets/" + name + "?kind=folder");
  }

  private static Response register(String name, String path) {
    return given()
        .header("X-Request-Id", "the-same") // so that answers are alike
        .contentType(ContentType.JSON)
        .body(
            "{\"name\":\"%s\",\"kind\":\"folder\",\"path\":\"%s\"}"
                .formatted(name, path.replace("\\", "\\\\")))
        .post("/api/v1/datasets");
  }

  private static Response launch(String data) {
    return given()
        .contentType(ContentType.JSON)
        .body(
            "{\"data\":\"%s\",\"settings\":{\"generations\":1}}"
                .formatted(data.replace("\\", "\\\\")))
        .post("/api/v1/searches");
  }

  @Test
  void archiveThatIsSent_becomesADataSet_untilItIsDeleted() throws Exception {
    upload("pets", archive("pets/cats/1.png", "pets/dogs/2.png"))
        .then()
        .statusCode(201)
        .body("name", equalTo("pets"))
        .body("uploaded", equalTo(true))
        .body("files", equalTo(2));
    Path place = home.resolve("data-sets/pets");
    assertThat(place.resolve("cats/1.png")).as("the wrapping folder is gone").exists();
    get("/api/v1/datasets").then().body("name", hasItem("pets"));
    upload("pets", archive("a/1.png")).then().statusCode(409);

    String id = launch("dataset:pets").then().statusCode(201).extract().path("id");
    SearchApiTest.awaitState(id, "finished");
    get("/api/v1/data-sets").then().body("spec", hasItem("dataset:pets"));
    assertThat(get("/api/v1/searches/" + id).asString()).doesNotContain(home.toString());
    get("/api/v1/searches/" + id + "/data")
        .then()
        .statusCode(200)
        .body("warnings[0]", equalTo("dataset:pets/a.png is odd"));

    given().delete("/api/v1/datasets/pets").then().statusCode(204);
    assertThat(place).doesNotExist();
    launch("dataset:pets").then().statusCode(400).body("errors.data", containsString("'pets'"));
    given().delete("/api/v1/datasets/pets").then().statusCode(404);
  }

  private static void failOnce(String id, Runnable change) throws Exception {
    SearchApiTest.awaitState(id, "paused");
    change.run();
    given()
        .post("/api/v1/searches/" + id + "/resume")
        .then()
        .statusCode(409)
        .body("detail", containsString("is not what this run was launched on"));
    get("/api/v1/searches/" + id).then().body("state", equalTo("paused"));
    given().post("/api/v1/searches/" + id + "/cancel").then().statusCode(200);
  }

  private static String launchAndPause(String data) throws Exception {
    String id =
        SearchApiTest.launch(
            "{\"data\":\"%s\",\"settings\":{\"generations\":50,\"stepMillis\":200}}"
                .formatted(data));
    given().post("/api/v1/searches/" + id + "/pause").then().statusCode(200);
    return id;
  }

  @Test
  void runWhoseDataWereReplaced_isNotResumed() throws Exception {
    upload("swapped", archive("a/1.png", "b/2.png")).then().statusCode(201);
    failOnce(
        launchAndPause("dataset:swapped"),
        () -> {
          given().delete("/api/v1/datasets/swapped").then().statusCode(204);
          try {
            upload("swapped", archive("a/1.png", "b/3.png")).then().statusCode(201);
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });

    Path inside = Files.createDirectories(LatheTestResource.dataRoot().resolve("growing"));
    register("growing", inside.toString()).then().statusCode(201);
    String same = launchAndPause("dataset:growing");
    SearchApiTest.awaitState(same, "paused");
    given().post("/api/v1/searches/" + same + "/resume").then().statusCode(200);
    given().post("/api/v1/searches/" + same + "/cancel").then().statusCode(200);
    failOnce(
        launchAndPause("dataset:growing"),
        () -> {
          try {
            Files.writeString(inside.resolve("new.png"), "more");
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void refusedArchive_leavesNothingBehind() throws Exception {
    upload("evil", archive("../evil")).then().statusCode(400);
    upload("evil", "no archive".getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .then()
        .statusCode(400)
        .body("detail", containsString("neither zip nor tar"));
    for (String name : List.of("..", ".hidden", "a%2Fb", "-x", "n".repeat(81))) {
      assertThat(upload(name, archive("a/1.png")).statusCode()).as(name).isIn(400, 404, 405);
    }
    given()
        .contentType("application/zip")
        .body(archive("a/1.png"))
        .put("/api/v1/datasets/unknown?kind=parquet")
        .then()
        .statusCode(400)
        .body("errors.kind", containsString("parquet"));
    get("/api/v1/datasets/evil").then().statusCode(404);
    try (Stream<Path> left = Files.list(home.resolve("data-sets"))) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".part") || name.equals("unknown"));
    }
  }

  @Test
  void registration_reachesTheOpenedFoldersAlone_andTellsNothingOfOthers() throws Exception {
    Path opened = LatheTestResource.dataRoot();
    Path inside = Files.createDirectories(opened.resolve("birds"));
    register("birds", inside.toString()).then().statusCode(201).body("uploaded", equalTo(false));
    assertThat(get("/api/v1/datasets").asString()).doesNotContain(opened.toString());
    String id = launch("dataset:birds").then().statusCode(201).extract().path("id");
    SearchApiTest.awaitState(id, "finished");
    given().delete("/api/v1/datasets/birds").then().statusCode(204);
    assertThat(inside).as("what was registered stays").exists();

    Files.createSymbolicLink(opened.resolve("door"), Path.of("/etc"));
    Set<String> answers = new HashSet<>();
    for (String path :
        List.of(
            "/etc",
            "/root/.ssh",
            "/nowhere",
            "/etc/passwd",
            "/proc/self",
            opened + "/../..",
            opened.resolve("door").toString(),
            opened.resolve("nothing").toString(),
            home.toString(),
            "\\u0000")) {
      Response answer = register("spy", path);
      assertThat(answer.statusCode()).as(path).isEqualTo(403);
      answers.add(answer.asString());
    }
    assertThat(answers).as("one answer, whatever there is").hasSize(1);
    Files.delete(opened.resolve("door"));
  }

  @Test
  void requests_nameNoPlaceOfTheMachine() {
    Set<String> answers = new HashSet<>();
    for (String data :
        List.of(
            "folder:/root/.ssh",
            "folder:/nowhere",
            "folder:/etc/passwd",
            "idx:/tmp",
            "cifar:/proc/self/fd",
            "folder:\\u0000",
            "npz:/dev/zero")) {
      Response answer = launch(data);
      assertThat(answer.statusCode()).as(data).isEqualTo(400);
      answers.add(answer.<String>path("errors.data").replaceFirst("'[^']*'", ""));
    }
    assertThat(answers).as("one answer, whatever there is").hasSize(1);
    for (String name : List.of("../../etc", "\\u0000", "", "x' or '1'='1")) {
      assertThat(launch("dataset:" + name).statusCode()).as(name).isEqualTo(400);
    }
    for (String file : List.of("/dev/zero", "/proc/self/fd/0", "\\u0000", "1", "../x")) {
      given()
          .contentType(ContentType.JSON)
          .body("{\"settings\":{\"initialWeights\":\"%s\"}}".formatted(file))
          .post("/api/v1/searches")
          .then()
          .statusCode(400)
          .body("errors.'settings.initialWeights'", containsString("id of a supernet's weights"));
    }
  }

  @Test
  void testImages_areForAdministrators() throws Exception {
    String id = launch("builtin").then().statusCode(201).extract().path("id");
    SearchApiTest.awaitState(id, "finished");
    long artifact =
        new DatabaseRunStore(
                Long.parseLong(id),
                "builtin",
                files,
                InstantSource.system(),
                new RaceTest.Nobody(),
                () -> {})
            .artifact(
                ArtifactRecord.file(
                    "test", ArtifactRecord.Kind.TEST_SET, "test", ArtifactRecord.NPY),
                new byte[] {1, 2, 3})
            .id();
    String operator =
        given()
            .contentType(ContentType.JSON)
            .body("{\"name\":\"o\",\"scope\":\"operator\"}")
            .post("/api/v1/keys")
            .path("key");
    String path = "/api/v1/artifacts/" + artifact + "/content";
    given().header("Authorization", "Bearer " + operator).get(path).then().statusCode(403);
    given().get(path).then().statusCode(200);
  }

  @Test
  void bodies_areLimited_butArchivesMayBeLong() throws Exception {
    HttpClient http = HttpClient.newHttpClient();
    byte[] piece = new byte[1 << 20];
    HttpRequest.BodyPublisher chunked =
        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(piece));
    assertThat(send(http, "POST", "/api/v1/searches", chunked).statusCode()).isEqualTo(411);
    assertThat(
            given()
                .contentType("application/octet-stream")
                .body(new byte[(64 << 20) + 1])
                .post("/api/v1/compressions/models")
                .statusCode())
        .isEqualTo(413);
    // Not an archive: refused when all of it came, without having been held in memory.
    HttpResponse<String> large =
        send(
            http,
            "PUT",
            "/api/v1/datasets/large",
            BodyPublishers.ofByteArrays(Collections.nCopies(96, piece)));
    assertThat(large.statusCode()).isEqualTo(400);
    assertThat(large.body()).contains("neither zip nor tar");
  }

  private HttpResponse<String> send(
      HttpClient http, String verb, String path, HttpRequest.BodyPublisher body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(service.resolve(path))
            .header("Authorization", "Bearer " + OwnersKey.text())
            .header(
                "Content-Type",
                verb.equals("PUT") ? "application/octet-stream" : "application/json")
            .method(verb, body)
            .build(),
        BodyHandlers.ofString());
  }
}
