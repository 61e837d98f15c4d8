package dev.lathe.farm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.TestFacts;
import dev.lathe.farm.lease.JobState;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path home;

  private final List<String> log = new CopyOnWriteArrayList<>();
  private FakeService service;

  @BeforeEach
  void start() throws IOException {
    service = new FakeService(Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    service.close();
  }

  private static byte[] model(int number) {
    return ("model " + number).getBytes(StandardCharsets.UTF_8);
  }

  private AgentSettings settings(URI server, String key) {
    return new AgentSettings(
        server,
        ServerTrust.usual(),
        key,
        "box",
        2,
        home,
        1,
        Duration.ofSeconds(2),
        Duration.ofMillis(5));
  }

  private Running run(URI server, MeasurementBackend backend) {
    return new Running(new Agent(settings(server, FakeService.KEY), backend, log::add));
  }

  @Test
  void jobs_areMeasuredAndReported() throws Exception {
    for (int i = 0; i < 200; i++) {
      service.add("j" + i, model(i));
    }
    Instant start = Instant.now();
    try (Running ignored = run(service.address(), new Lengths())) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    System.out.printf(
        "agent: %.0f jobs/s of no measuring time%n",
        200e3 / Duration.between(start, Instant.now()).toMillis());
    for (int i = 0; i < 200; i++) {
      assertThat(service.recorded("j" + i)).hasSize(1);
      assertThat(((Outcome.Measured) service.recorded("j" + i).getFirst()).measurement().p50())
          .isEqualTo(model(i).length);
    }
    assertThat(service.registrations).hasValue(1);
  }

  @Test
  void sameModel_isFetchedOnce() throws Exception {
    for (int i = 0; i < 5; i++) {
      service.add("j" + i, model(1));
    }
    try (Running ignored = run(service.address(), new Lengths())) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.downloads).hasValue(1);
  }

  @Test
  void damagedDownload_isFetchedAgain() throws Exception {
    service.damaging.set(2);
    service.add("j", model(1));
    try (Running ignored = run(service.address(), new Lengths())) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.state("j")).isEqualTo(JobState.DONE);
    assertThat(service.downloads).hasValue(3);
  }

  @Test
  void failure_isReportedWithItsKind() throws Exception {
    service.add("j", model(1));
    try (Running ignored =
        run(
            service.address(),
            new Lengths() {
              @Override
              public Measurement measure(Path onnx, MeasurementProtocol protocol)
                  throws MeasurementFailed {
                throw new MeasurementFailed(FailureKind.CRASHED, "it broke");
              }
            })) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.recorded("j"))
        .containsExactly(new Outcome.Failed(FailureKind.CRASHED, "it broke"));
    assertThat(service.state("j")).isEqualTo(JobState.FAILED);
  }

  @Test
  void overloadedService_isAskedAgain() throws Exception {
    service.failing.set(7);
    service.add("j", model(1));
    try (Running ignored = run(service.address(), new Lengths())) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(log).anyMatch(line -> line.contains("503: overloaded; trying again"));
  }

  @Test
  void refusedKey_endsTheAgentWithTheServicesReason() {
    Agent agent = new Agent(settings(service.address(), "wrong"), new Lengths(), log::add);
    assertThatThrownBy(agent::run)
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("401: the key is not known. Maybe it was revoked.");
  }

  @Test
  void forgottenDevice_registersAgain() throws Exception {
    try (Running ignored = run(service.address(), new Lengths())) {
      service.add("j", model(1));
      assertThat(service.awaitAll(LONG)).isTrue();
      service.forgetDevices();
      service.add("k", model(2));
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.registrations).hasValue(2);
  }

  @Test
  void longMeasurement_keepsItsLease() throws Exception {
    service.close();
    service = new FakeService(Duration.ofMillis(1500));
    service.add("j", model(1));
    try (Running ignored = run(service.address(), new Slow(4000))) {
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.state("j")).isEqualTo(JobState.DONE);
    assertThat(service.renewals.get()).isGreaterThanOrEqualTo(4);
  }

  @Test
  void cancelledJob_isGivenUpAndTheNextOneMeasured() throws Exception {
    service.close();
    service = new FakeService(Duration.ofMillis(900));
    service.add("j", model(1));
    Slow slow = new Slow(60_000);
    try (Running ignored = run(service.address(), slow)) {
      await(() -> slow.started.get() == 1);
      service.cancel("j");
      slow.millis = 1;
      service.add("k", model(2));
      assertThat(service.awaitAll(LONG)).isTrue();
    }
    assertThat(service.recorded("j")).isEmpty();
    assertThat(service.state("k")).isEqualTo(JobState.DONE);
  }

  @Test
  void stop_reportsTheJobAsStopped() throws Exception {
    service.add("j", model(1));
    Slow slow = new Slow(60_000);
    try (Running running = run(service.address(), slow)) {
      await(() -> slow.started.get() == 1);
      running.agent.stop();
      assertThat(running.agent.awaitEnd(10_000)).isTrue();
    }
    assertThat(service.recorded("j"))
        .singleElement()
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.kind()).isEqualTo(FailureKind.STOPPED));
    assertThat(service.state("j")).isEqualTo(JobState.PENDING);
  }

  @Test
  void resultThatCouldNotBeSent_isSentAfterTheRestart() throws Exception {
    service.add("j", model(1));
    Lengths measuring =
        new Lengths() {
          @Override
          public Measurement measure(Path onnx, MeasurementProtocol protocol)
              throws MeasurementFailed {
            service.failing.set(Integer.MAX_VALUE);
            return super.measure(onnx, protocol);
          }
        };
    try (Running running = run(service.address(), measuring)) {
      await(() -> !spooled().isEmpty());
      running.agent.stop();
      assertThat(running.agent.awaitEnd(10_000)).isTrue();
    }
    assertThat(service.recorded("j")).isEmpty();
    service.failing.set(0);
    try (Running ignored = run(service.address(), new Slow(60_000))) {
      assertThat(service.awaitAll(LONG)).isTrue();
      await(() -> spooled().isEmpty());
    }
    assertThat(service.recorded("j")).hasSize(1);
    assertThat(service.state("j")).isEqualTo(JobState.DONE);
  }

  @Test
  void secondAgentInTheSameHome_isRefused() throws Exception {
    try (Running ignored = run(service.address(), new Lengths())) {
      await(() -> service.registrations.get() == 1);
      Agent second =
          new Agent(settings(service.address(), FakeService.KEY), new Lengths(), log::add);
      assertThatThrownBy(second::run)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("used by another agent. Maybe");
    }
  }

  @Test
  void badNetwork_losesNothingAndRecordsNothingTwice() throws Exception {
    int jobs = Boolean.getBoolean("lathe.test.all") ? 1000 : 40;
    service.close();
    service = new FakeService(Duration.ofSeconds(3));
    for (int i = 0; i < jobs; i++) {
      service.add("j" + i, model(i));
    }
    try (FaultyProxy proxy = new FaultyProxy(service.port(), 0.5, 1)) {
      AgentSettings settings =
          new AgentSettings(
              proxy.address(),
              ServerTrust.usual(),
              FakeService.KEY,
              "box",
              2,
              home,
              1,
              Duration.ofMillis(500),
              Duration.ofMillis(5));
      service.oneShot = true;
      try (Running ignored = new Running(new Agent(settings, new Lengths(), log::add))) {
        assertThat(service.awaitAll(Duration.ofMinutes(8))).isTrue();
      }
      for (FaultyProxy.Fault fault : FaultyProxy.Fault.values()) {
        assertThat(proxy.seen(fault)).as(fault.name()).isPositive();
      }
    }
    for (int i = 0; i < jobs; i++) {
      assertThat(service.recorded("j" + i).stream().filter(o -> o instanceof Outcome.Measured))
          .as("job %d", i)
          .hasSize(1);
    }
    assertThat(service.conflicts).hasValue(0);
  }

  private List<Path> spooled() {
    Path folder = home.resolve("spool");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) throws InterruptedException {
    Instant end = Instant.now().plus(LONG);
    while (!condition.holds()) {
      assertThat(Instant.now()).isBefore(end);
      Thread.sleep(5);
    }
  }

  /** An agent in a thread of its own. */
  private static final class Running implements AutoCloseable {
    private final Agent agent;
    private final CompletableFuture<Void> end;

    Running(Agent agent) {
      this.agent = agent;
      this.end =
          CompletableFuture.runAsync(
              () -> {
                try {
                  agent.run();
                } catch (IOException | RefusedException e) {
                  throw new IllegalStateException(e);
                }
              },
              task -> Thread.ofPlatform().start(task));
    }

    @Override
    public void close() {
      agent.stop();
      end.join();
    }
  }

  /** Says that a model takes as many milliseconds as its file has bytes. */
  private static class Lengths implements MeasurementBackend {
    @Override
    public DeviceFacts facts() {
      return TestFacts.of("lengths");
    }

    @Override
    public Measurement measure(Path onnx, MeasurementProtocol protocol) throws MeasurementFailed {
      try {
        double[] samples = {Files.size(onnx)};
        return Measurement.of(
            facts().runtime(), 1, 1, 1, protocol.name(), samples, 1, 1, Instant.now(), Map.of());
      } catch (IOException e) {
        throw new MeasurementFailed(FailureKind.DEVICE, "unreadable", e);
      }
    }

    @Override
    public void close() {}
  }

  /** Takes its time. */
  private static final class Slow implements MeasurementBackend {
    private final Lengths lengths = new Lengths();
    private final AtomicInteger started = new AtomicInteger();
    private volatile long millis;

    Slow(long millis) {
      this.millis = millis;
    }

    @Override
    public DeviceFacts facts() {
      return TestFacts.of("slow");
    }

    @Override
    public Measurement measure(Path onnx, MeasurementProtocol protocol)
        throws MeasurementFailed, InterruptedException {
      long wait = millis;
      started.incrementAndGet();
      Thread.sleep(wait);
      return lengths.measure(onnx, protocol);
    }

    @Override
    public void close() {}
  }
}
