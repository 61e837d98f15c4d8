package dev.lathe.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import dev.lathe.farm.lease.JobState;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.ui.SeededSearches;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Many agents, readers and followers at once, over real HTTP and PostgreSQL. Nothing may fail or be
 * lost; the figures are printed, not judged. They are those of service, agents and readers
 * together, which share this process; the database's processes come on top.
 */
@Tag("slow")
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class LoadTest {
  private static final int IDLE_AGENTS = 200;
  private static final int IDLE_SECONDS = 60;
  private static final int DEVICES = 50;
  private static final int JOBS_EACH = 400;
  private static final int FOLLOWERS = 50;
  private static final int CANDIDATES = 50_000;

  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "lathe.home")
  Path home;

  @Inject ArtifactFiles files;

  @Inject SeededSearches seeded;

  private String agentKey() throws Exception {
    return Files.readString(home.resolve("keys/agent.key")).strip();
  }

  private static double cpuSeconds() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e9;
  }

  @Test
  void idleAgents_costLittle() throws Exception {
    List<TestAgent> agents = new ArrayList<>();
    for (int i = 0; i < IDLE_AGENTS; i++) {
      agents.add(new TestAgent(service, agentKey(), "idle-" + i));
    }
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger claims = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (TestAgent agent : agents) {
        all.add(
            threads.submit(
                () -> {
                  while (!over.get()) {
                    assertThat(agent.claim(25)).isEmpty();
                    claims.incrementAndGet();
                  }
                  return true;
                }));
      }
      Thread.sleep(5000);
      double before = cpuSeconds();
      Thread.sleep(1000L * IDLE_SECONDS);
      double used = cpuSeconds() - before;
      over.set(true);
      System.out.printf(
          "%d idle agents and their service: %.1f %% of a core over %d s%n",
          IDLE_AGENTS, 100 * used / IDLE_SECONDS, IDLE_SECONDS);
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
    }
    assertThat(claims).hasValueGreaterThanOrEqualTo(2 * IDLE_AGENTS);
  }

  @Test
  void results_areRecordedOnceEach_whileOthersReadAndFollow() throws Exception {
    String search = seeded.search("followed", SearchState.PAUSED, "");
    seeded.candidates(search, CANDIDATES);
    List<TestAgent> agents = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      agents.add(new TestAgent(service, agentKey(), "busy-" + i));
    }
    String sha256 = files.put(new byte[] {1, 2, 3});
    long measured = QuarkusTransaction.requiringNew().call(() -> MeasurementRow.count());
    for (TestAgent agent : agents) {
      jobs(Long.parseLong(agent.deviceId), sha256);
    }

    AtomicBoolean over = new AtomicBoolean();
    List<Double> millis = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch followed = new CountDownLatch(FOLLOWERS);
    double seconds;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> others = new ArrayList<>();
      for (int i = 0; i < FOLLOWERS; i++) {
        others.add(threads.submit(() -> follow(search, followed, over)));
      }
      followed.await();
      for (int i = 0; i < 4; i++) {
        others.add(threads.submit(() -> readAgainAndAgain(search, millis, over)));
      }
      List<Future<Boolean>> all = new ArrayList<>();
      long start = System.nanoTime();
      for (TestAgent agent : agents) {
        all.add(threads.submit(() -> work(agent)));
      }
      for (Future<Boolean> one : all) {
        assertThat(one.get()).isTrue();
      }
      seconds = (System.nanoTime() - start) / 1e9;
      over.set(true);
      for (Future<Boolean> one : others) {
        assertThat(one.get()).isTrue();
      }
    }
    int jobs = DEVICES * JOBS_EACH;
    assertThat(QuarkusTransaction.requiringNew().call(() -> MeasurementRow.count()) - measured)
        .as("recorded")
        .isEqualTo(jobs);
    List<Double> sorted = millis.stream().sorted().toList();
    System.out.printf(
        "%d results in %.1f s: %.0f/s; meanwhile %d reads with %d followers of %d candidates: median %.0f ms, p99 %.0f ms, most %.0f ms%n",
        jobs,
        seconds,
        jobs / seconds,
        sorted.size(),
        FOLLOWERS,
        CANDIDATES,
        sorted.get(sorted.size() / 2),
        sorted.get((int) (0.99 * sorted.size())),
        sorted.getLast());
  }

  private static void jobs(long device, String sha256) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              for (int i = 0; i < JOBS_EACH; i++) {
                JobRow job = new JobRow();
                job.deviceId = device;
                job.key = "load-" + i;
                job.precision = "float32";
                job.protocol = "quick";
                job.modelSha256 = sha256;
                job.modelBytes = 3;
                job.state = JobState.PENDING;
                job.createdAt = Instant.now();
                job.persist();
              }
            });
  }

  private static boolean work(TestAgent agent) throws Exception {
    for (int done = 0; done < JOBS_EACH; ) {
      Optional<JsonNode> job = agent.claim(20);
      if (job.isPresent()) {
        HttpResponse<String> answer =
            agent.submit(job.get(), TestAgent.measured(job.get(), 1 + done / 100.0));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        done++;
      }
    }
    return true;
  }

  private HttpRequest.Builder get(String path) {
    return HttpRequest.newBuilder(service.resolve(path))
        .timeout(Duration.ofSeconds(30))
        .header("Authorization", "Bearer " + OwnersKey.text());
  }

  private boolean readAgainAndAgain(String search, List<Double> millis, AtomicBoolean over)
      throws Exception {
    List<String> paths =
        List.of(
            "/api/v1/searches?size=20",
            "/api/v1/searches/" + search,
            "/api/v1/searches/" + search + "/candidates?page=40&size=100",
            "/api/v1/searches/" + search + "/front",
            "/api/v1/devices");
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; !over.get(); i++) {
        long start = System.nanoTime();
        int status =
            http.send(get(paths.get(i % paths.size())).build(), BodyHandlers.ofByteArray())
                .statusCode();
        millis.add((System.nanoTime() - start) / 1e6);
        assertThat(status).isEqualTo(200);
        Thread.sleep(50);
      }
    }
    return true;
  }

  private boolean follow(String search, CountDownLatch followed, AtomicBoolean over)
      throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<InputStream> events =
          http.send(
              get("/api/v1/searches/" + search + "/events")
                  .header("Accept", "text/event-stream")
                  .build(),
              BodyHandlers.ofInputStream());
      assertThat(events.statusCode()).isEqualTo(200);
      try (InputStream body = events.body()) {
        assertThat(body.read()).isNotNegative();
        followed.countDown();
        while (!over.get()) {
          Thread.sleep(200);
        }
      }
      http.shutdownNow();
    }
    return true;
  }
}
