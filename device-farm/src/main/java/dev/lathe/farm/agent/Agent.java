package dev.lathe.farm.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.farm.message.LeasedJob;
import dev.lathe.farm.message.ResultMessage;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Fetches jobs from a service one at a time, measures, and reports: at-least-once execution, whose
 * results the service records exactly once. It lives through failures of the network, the service,
 * the models and its own restart; what was measured is kept on disk until the service has it.
 */
public final class Agent {
  /** Version that agents report. */
  public static final String VERSION = "0.1.0";

  private static final long CACHE_BYTES = 2L << 30;
  private static final int DOWNLOADS = 3;
  private static final Duration DEVICE_PAUSE = Duration.ofMillis(500);

  private final AgentSettings settings;
  private final MeasurementBackend backend;
  private final Consumer<String> log;
  private final ObjectMapper mapper = FarmJson.mapper();
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Optional<Thread> runner = Optional.empty();

  /**
   * An agent that measures on {@code backend}, which it does not close.
   *
   * @param log is told, in lines for people, what happens
   */
  public Agent(AgentSettings settings, MeasurementBackend backend, Consumer<String> log) {
    this.settings = settings;
    this.backend = backend;
    this.log = log;
  }

  /**
   * Works until {@link #stop}.
   *
   * @throws RefusedException if the service refuses the agent itself
   * @throws IOException if the home folder cannot be used
   */
  public void run() throws RefusedException, IOException {
    runner = Optional.of(Thread.currentThread());
    Files.createDirectories(settings.home());
    try (FileChannel channel =
            FileChannel.open(
                settings.home().resolve("agent.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = lock(channel);
        FarmClient client = new FarmClient(settings)) {
      if (!lock.isValid()) {
        throw new IOException("the lock on '%s' is lost".formatted(settings.home()));
      }
      work(client);
    } catch (InterruptedException e) {
      if (!stopping.get()) {
        throw new IllegalStateException("the agent was interrupted without being asked to stop", e);
      }
    } finally {
      runner = Optional.empty();
      ended.countDown();
    }
  }

  /** Asks the agent to end: it reports the job that it holds as stopped, and returns from run. */
  public void stop() {
    stopping.set(true);
    runner.ifPresent(Thread::interrupt);
  }

  /** Waits until run has returned; false if that takes longer than the limit. */
  public boolean awaitEnd(long limitMillis) throws InterruptedException {
    return ended.await(limitMillis, TimeUnit.MILLISECONDS);
  }

  private FileLock lock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      throw new IOException(homeInUse(), e);
    }
    throw new IOException(homeInUse());
  }

  private String homeInUse() {
    return "folder '%s' is used by another agent. Maybe give this one its own with --home."
        .formatted(settings.home());
  }

  private void work(FarmClient client) throws IOException, RefusedException, InterruptedException {
    ResultSpool spool = new ResultSpool(settings.home().resolve("spool"));
    ModelCache cache = new ModelCache(settings.home().resolve("models"), CACHE_BYTES);
    Retry retry = new Retry(settings.firstPause(), log);
    String deviceId = register(client, retry);
    for (SpooledResult result : spool.all()) {
      log.accept("sending the result of lease %s again".formatted(result.leaseId()));
      deliver(client, spool, retry, result);
    }
    while (!stopping.get()) {
      awaitDevice();
      Optional<LeasedJob> claimed;
      try {
        String id = deviceId;
        claimed = retry.until(() -> client.claim(id));
      } catch (RefusedException e) {
        if (e.status() != 404) {
          throw e;
        }
        log.accept("the service does not know this device any more; registering again");
        deviceId = register(client, retry);
        continue;
      }
      if (claimed.isPresent()) {
        LeasedJob job = claimed.get();
        Optional<Outcome> outcome = outcome(client, cache, job);
        if (outcome.isPresent()) {
          SpooledResult result = result(job, outcome.get());
          spool.put(result);
          deliver(client, spool, retry, result);
        }
      }
    }
  }

  /** Fetches nothing while the device is away. */
  private void awaitDevice() throws InterruptedException {
    if (backend.isThere()) {
      return;
    }
    log.accept("the device is away; waiting for it");
    while (!backend.isThere()) {
      Thread.sleep(DEVICE_PAUSE);
    }
    log.accept("the device is back");
  }

  private String register(FarmClient client, Retry retry)
      throws RefusedException, InterruptedException {
    DeviceFacts facts = backend.facts();
    AgentRegistration registration =
        AgentRegistration.of(settings.name(), facts, settings.measuredThreads(), VERSION);
    String deviceId = retry.until(() -> client.register(registration)).deviceId();
    log.accept(
        "registered at %s as '%s' (%s, %s)"
            .formatted(settings.server(), settings.name(), facts.backend(), facts.runtime()));
    return deviceId;
  }

  /** Measures, keeping the lease; empty if the lease was lost meanwhile. */
  private Optional<Outcome> outcome(FarmClient client, ModelCache cache, LeasedJob job)
      throws InterruptedException {
    try (LeaseKeeper keeper = new LeaseKeeper(client, job, Thread.currentThread())) {
      Outcome outcome;
      try {
        Path model = fetch(client, cache, job);
        outcome = new Outcome.Measured(backend.measure(model, job.protocol()));
      } catch (MeasurementFailed e) {
        outcome = Outcome.Failed.of(e);
      } catch (InterruptedException e) {
        keeper.close();
        if (keeper.isLost()) {
          log.accept("lease %s is over, its measurement was given up".formatted(job.leaseId()));
          return Optional.empty();
        }
        reportStop(client, job);
        throw e;
      }
      keeper.close();
      // The lease may be lost, and this thread interrupted for it, just as the measurement ends.
      if (Thread.interrupted() && stopping.get()) {
        Thread.currentThread().interrupt();
      }
      if (outcome instanceof Outcome.Failed(FailureKind kind, String message)) {
        log.accept("job %s failed, %s: %s".formatted(job.jobId(), kind, message));
      }
      return Optional.of(outcome);
    }
  }

  /** Best effort: without it, the lease runs out by itself. */
  private void reportStop(FarmClient client, LeasedJob job) throws InterruptedException {
    try {
      client.submit(
          result(job, new Outcome.Failed(FailureKind.STOPPED, "the agent was asked to stop.")));
    } catch (IOException | RefusedException e) {
      log.accept("the service could not be told that job %s stopped".formatted(job.jobId()));
    }
  }

  private Path fetch(FarmClient client, ModelCache cache, LeasedJob job)
      throws MeasurementFailed, InterruptedException {
    String wanted = job.model().sha256();
    String problem = "";
    try {
      for (int i = 0; i < DOWNLOADS; i++) {
        Optional<Path> found = cache.find(wanted);
        if (found.isPresent()) {
          return found.get();
        }
        try {
          byte[] bytes = client.model(job);
          String hash = Sha256.of(bytes);
          if (hash.equals(wanted)) {
            return cache.store(wanted, bytes);
          }
          problem = "its SHA-256 is %s".formatted(hash);
        } catch (RefusedException e) {
          throw new MeasurementFailed(
              FailureKind.DOWNLOAD,
              "model %s cannot be fetched: %s".formatted(wanted, e.getMessage()),
              e);
        } catch (IOException e) {
          problem = String.valueOf(e.getMessage());
          Thread.sleep(settings.firstPause());
        }
      }
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException("interrupted while model %s was kept".formatted(wanted));
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "model %s cannot be kept in '%s' (%s). Maybe the disk is full."
              .formatted(wanted, settings.home(), e.getMessage()),
          e);
    }
    throw new MeasurementFailed(
        FailureKind.DOWNLOAD,
        "model %s could not be fetched in %d tries: %s.".formatted(wanted, DOWNLOADS, problem));
  }

  private SpooledResult result(LeasedJob job, Outcome outcome) {
    try {
      return SpooledResult.of(
          job.leaseId(),
          job.token(),
          mapper.writeValueAsString(ResultMessage.of(job.fencing(), outcome)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a result cannot be written as JSON", e);
    }
  }

  /** Sends a result until the service has it or says that it does not want it. */
  private void deliver(FarmClient client, ResultSpool spool, Retry retry, SpooledResult result)
      throws IOException, InterruptedException {
    try {
      retry.until(
          () -> {
            client.submit(result);
            return true;
          });
    } catch (RefusedException e) {
      log.accept(
          "the result of lease %s is not wanted: %s".formatted(result.leaseId(), e.getMessage()));
    }
    spool.remove(result);
  }
}
