package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A whole search on the packaged service, as a user drives it, with an agent beside it: from images
 * to ONNX files; killed and gone on with; and the same result each time, given the same seed and
 * the same recorded measurements.
 */
class SearchResumeTest {
  private static final String REQUEST =
      """
      {"name": "small", "data": "builtin", "seed": 5, "device": "here", "settings": {
        "trainImages": 600, "validationImages": 300, "testImages": 300,
        "supernetSteps": 40, "fineTuneSteps": 40, "baselineSteps": 10, "baselines": [0.1],
        "calibrationNetworks": 20, "population": 8, "generations": 6, "members": 2}}
      """;
  private static final List<String> STAGES =
      List.of("data", "calibration", "training", "search", "fine-tuning", "baselines", "measuring");
  private static final long LIMIT_SECONDS = 480;

  @TempDir Path folder;

  @Test
  void searchThatIsKilled_endsWithTheFrontOfOneThatIsNot() throws Exception {
    Path recordings = folder.resolve("recordings.jsonl");
    JsonNode live;
    try (ServiceProcess service = ServiceProcess.start(home("live"));
        AgentProcess _ = AgentProcess.start(service, "cpu", recordings)) {
      live = await(service, launch(service));
    }
    assertThat(live.path("front")).hasSizeGreaterThanOrEqualTo(2);
    assertThat(live.path("baseline"))
        .filteredOn(network -> !network.path("id").asText().startsWith("linear-"))
        .hasSize(2);
    for (JsonNode network : live.path("front")) {
      assertThat(Files.size(Path.of(network.path("onnx").asText())))
          .isEqualTo(network.path("bytes").asLong());
      JsonNode latency = network.path("latencies").path(0);
      assertThat(latency.path("samples").asInt()).isGreaterThanOrEqualTo(64);
      assertThat(latency.path("predicted").asDouble())
          .isBetween(latency.path("lower").asDouble(), latency.path("upper").asDouble());
    }

    JsonNode unbroken;
    try (ServiceProcess service = ServiceProcess.start(home("unbroken"));
        AgentProcess _ = AgentProcess.start(service, "replay", recordings)) {
      unbroken = await(service, launch(service));
    }

    Path home = home("killed");
    ServiceProcess service = ServiceProcess.start(home);
    try {
      String id;
      try (AgentProcess _ = AgentProcess.start(service, "replay", recordings)) {
        id = launch(service);
        for (String stage : List.of("calibration", "training", "search")) {
          service = killAt(stage, service, id);
        }
      }
      // Without an agent the search waits in its last stage: it cannot end before it is killed.
      service = killAt("fine-tuning", service, id);
      try (AgentProcess _ = AgentProcess.start(service, "replay", recordings)) {
        assertThat(result(await(service, id))).isEqualTo(result(unbroken));
      }
    } finally {
      service.close();
    }
  }

  /** The second search replays the first one's measurements, from the database. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"random\"",
        "\"aging\"",
        "\"unsga3\"",
        "\"predictor\"",
        "{\"name\":\"single-path\",\"targets\":[0.05,0.08]}",
        "{\"name\":\"netadapt\",\"target\":0.8,\"reduction\":0.2,\"shortSteps\":5}"
      })
  void searchOfEachMethod_thatIsKilled_endsWithTheFrontOfOneThatIsNot(String method)
      throws Exception {
    String settings = REQUEST.substring(REQUEST.indexOf("\"settings\""));
    String request =
        "{\"data\":\"builtin\",\"seed\":5,\"devices\":[\"here\"],\"method\":%s,%s \"budget\":{\"evaluations\":36},%s";
    ServiceProcess service = ServiceProcess.start(home("methods"));
    try (AgentProcess _ = AgentProcess.start(service, "cpu", folder.resolve("measured.jsonl"))) {
      String unbroken = launch(service, request.formatted(method, "", settings));
      JsonNode expected = await(service, unbroken);
      String replay = "\"replay\":" + unbroken + ",";
      String killed = launch(service, request.formatted(method, replay, settings));
      for (String stage : List.of("calibration", "training", "fine-tuning")) {
        service = killAt(stage, service, killed);
      }
      assertThat(result(await(service, killed))).isEqualTo(result(expected));
    } finally {
      service.close();
    }
  }

  private static ServiceProcess killAt(String stage, ServiceProcess service, String id)
      throws Exception {
    awaitStage(service, id, stage);
    service.kill();
    return ServiceProcess.startOn(service.home, service.port);
  }

  private Path home(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static String launch(ServiceProcess service) throws Exception {
    return launch(service, REQUEST);
  }

  private static String launch(ServiceProcess service, String request) throws Exception {
    return service.post("/api/v1/searches", request).path("id").asText();
  }

  /** Everything of a report that must not depend on when and how the search ran. */
  private static List<String> result(JsonNode report) {
    List<String> result = new ArrayList<>();
    for (String list : List.of("front", "baseline")) {
      for (JsonNode network : report.path(list)) {
        result.add(
            "%s %s %s %s %s"
                .formatted(
                    network.path("id").asText(),
                    network.path("sha256").asText(),
                    network.path("validationAccuracy"),
                    network.path("testAccuracy"),
                    network.path("latencies").path(0).path("p50")));
      }
    }
    return result;
  }

  /** Waits until a search is in a stage, or past it where the stage was too short to be seen. */
  private static void awaitStage(ServiceProcess service, String id, String stage) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end) {
      JsonNode search = service.get("/api/v1/searches/" + id);
      assertThat(search.path("state").asText())
          .as(() -> "search ended before stage " + stage + ": " + search)
          .isIn("queued", "running");
      if (STAGES.indexOf(search.path("stage").asText()) >= STAGES.indexOf(stage)) {
        return;
      }
      Thread.sleep(20);
    }
    throw new AssertionError("stage " + stage + " was not reached:\n" + service.log());
  }

  private static JsonNode await(ServiceProcess service, String id) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end) {
      JsonNode search = service.get("/api/v1/searches/" + id);
      switch (search.path("state").asText()) {
        case "finished" -> {
          return service.get("/api/v1/searches/" + id + "/report");
        }
        case "failed", "cancelled" -> throw new AssertionError(search + "\n" + service.log());
        default -> Thread.sleep(200);
      }
    }
    throw new AssertionError("the search does not end:\n" + service.log());
  }
}
