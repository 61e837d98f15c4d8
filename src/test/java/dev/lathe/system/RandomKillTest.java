package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Service and agent are killed again and again at random moments of a search, which ends with the
 * front of one that nobody disturbed: on recorded latencies, as live ones never repeat.
 */
@Tag("slow")
class RandomKillTest {
  private static final int KILLS = 20;
  private static final long SEED = 20;
  private static final long LIMIT_SECONDS = 900;
  private static final String REQUEST =
      """
      {"name": "small", "data": "builtin", "seed": 5, "device": "here", "settings": {
        "trainImages": 600, "validationImages": 300, "testImages": 300,
        "supernetSteps": 200, "fineTuneSteps": 60, "baselineSteps": 20, "baselines": [0.1],
        "calibrationNetworks": 40, "population": 8, "generations": 6, "members": 3}}
      """;

  @TempDir Path folder;

  @Test
  void searchWhoseServiceAndAgentAreKilledAtRandom_endsWithTheFrontOfOneThatWasNot()
      throws Exception {
    Path recordings = folder.resolve("recordings.jsonl");
    var unusedLive = unbroken("live", "cpu", recordings, false);
    List<String> expected = unbroken("unbroken", "replay", recordings, true);

    Random random = new Random(SEED);
    Path home = Files.createDirectories(folder.resolve("killed"));
    ServiceProcess service = ServiceProcess.start(home);
    AgentProcess agent = AgentProcess.start(service, "replay", recordings);
    int ofService = 0;
    int ofAgent = 0;
    double furthest = 0;
    try {
      String id = service.post("/api/v1/searches", REQUEST).path("id").asText();
      while (ofService < KILLS || ofAgent < KILLS) {
        awaitFurther(service, id, furthest);
        Thread.sleep(random.nextInt(1500));
        JsonNode search = service.get("/api/v1/searches/" + id);
        furthest = search.path("fraction").asDouble();
        switch (search.path("state").asText()) {
          case "finished" -> {
            System.out.printf("the search ended after %d and %d kills%n", ofService, ofAgent);
            assertThat(result(service, id)).isEqualTo(expected);
            id = service.post("/api/v1/searches", REQUEST).path("id").asText();
            furthest = 0;
          }
          case "failed" -> {
            // Killed five times before it came further: who knows the cause lets it go on.
            assertThat(search.path("error").asText()).contains("ended 5 times");
            var unused = service.post("/api/v1/searches/" + id + "/resume", "");
          }
          default -> {
            if (ofAgent < KILLS && (ofService >= KILLS || random.nextBoolean())) {
              agent.kill();
              agent = AgentProcess.start(service, "replay", recordings);
              ofAgent++;
            } else {
              System.out.printf(
                  "killing the service at stage %s, %s%n",
                  search.path("stage").asText(), search.path("fraction"));
              service.kill();
              service = ServiceProcess.startOn(home, service.port);
              ofService++;
            }
          }
        }
      }
      await(service, id);
      assertThat(result(service, id)).isEqualTo(expected);
      assertThat(orphans(home)).as("processes and folders that nobody owns").isEmpty();
      assertThat(jobs(service)).as("no job was lost or recorded twice").isEmpty();
    } finally {
      agent.close();
      service.close();
    }
    System.out.printf("killed: the service %d times, the agent %d times%n", ofService, ofAgent);
  }

  /**
   * Waits until a search is further than it was, so that kills are spread over all of it; for a
   * minute at most, as after the agent's end its lease runs out first.
   */
  private static void awaitFurther(ServiceProcess service, String id, double furthest)
      throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (System.nanoTime() < end) {
      JsonNode search = service.get("/api/v1/searches/" + id);
      if (search.path("fraction").asDouble() > furthest
          || List.of("finished", "failed").contains(search.path("state").asText())) {
        return;
      }
      Thread.sleep(50);
    }
  }

  private List<String> unbroken(String name, String backend, Path recordings, boolean wanted)
      throws Exception {
    Path home = Files.createDirectories(folder.resolve(name));
    try (ServiceProcess service = ServiceProcess.start(home);
        AgentProcess _ = AgentProcess.start(service, backend, recordings)) {
      String id = service.post("/api/v1/searches", REQUEST).path("id").asText();
      await(service, id);
      return wanted ? result(service, id) : List.of();
    }
  }

  private static void await(ServiceProcess service, String id) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end) {
      JsonNode search = service.get("/api/v1/searches/" + id);
      if (search.path("state").asText().equals("finished")) {
        return;
      }
      assertThat(search.path("state").asText())
          .as(() -> search.toString())
          .isIn("queued", "running", "waiting");
      Thread.sleep(200);
    }
    throw new AssertionError("the search does not end:\n" + service.log());
  }

  /** Everything of a report that must not depend on when and how the search ran. */
  private static List<String> result(ServiceProcess service, String id) throws Exception {
    JsonNode report = service.get("/api/v1/searches/" + id + "/report");
    List<String> result = new ArrayList<>();
    for (String list : List.of("front", "baseline")) {
      for (JsonNode network : report.path(list)) {
        result.add(
            "%s %s %s %s"
                .formatted(
                    network.path("sha256").asText(),
                    network.path("validationAccuracy"),
                    network.path("testAccuracy"),
                    network.path("latencies").path(0).path("p50")));
      }
    }
    assertThat(result).hasSizeGreaterThanOrEqualTo(2);
    return result;
  }

  /** Work folders of runs that are over, and half-written files. */
  private static List<String> orphans(Path home) throws IOException {
    List<String> orphans = new ArrayList<>();
    for (String place : List.of("work", "artifacts")) {
      if (Files.isDirectory(home.resolve(place))) {
        try (Stream<Path> files = Files.walk(home.resolve(place))) {
          files
              .filter(Files::isRegularFile)
              .filter(file -> place.equals("work") || file.toString().endsWith(".part"))
              .forEach(file -> orphans.add(file.toString()));
        }
      }
    }
    return orphans;
  }

  /** Jobs that are open when all is over, and networks that a search measured twice. */
  private static List<String> jobs(ServiceProcess service) throws Exception {
    List<String> wrong = new ArrayList<>();
    for (JsonNode device : service.get("/api/v1/devices")) {
      if (device.path("waitingJobs").asLong() > 0) {
        wrong.add(device.toString());
      }
    }
    for (JsonNode search : service.get("/api/v1/searches").path("items")) {
      Set<String> seen = new HashSet<>();
      for (JsonNode network :
          service.get("/api/v1/searches/" + search.path("id").asText() + "/front")) {
        for (JsonNode latency : network.path("latencies")) {
          if (!seen.add(latency.path("measurementId").asText())) {
            wrong.add(latency.toString());
          }
        }
      }
    }
    return wrong;
  }
}
