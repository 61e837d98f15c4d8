package dev.lathe.service.search;

import dev.lathe.farm.device.Health;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRunner;
import dev.lathe.service.farm.DeviceAway;
import dev.lathe.service.farm.Devices;
import dev.lathe.service.farm.FarmMeasurements;
import dev.lathe.service.farm.LeaseDesk;
import dev.lathe.service.farm.MachineGate;
import dev.lathe.service.farm.MeasurementSource;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import dev.lathe.service.store.WorkFolders;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.persistence.LockModeType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries out searches, one at a time, on a thread of its own: first the one that an earlier life
 * of the service left unfinished, then the queue in its order.
 */
@ApplicationScoped
public class SearchWorker {
  private static final Logger LOG = Logger.getLogger(SearchWorker.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(12);
  private static final long LOOK_AGAIN_MILLIS = 2000;
  private static final int MOST_STARTS = 5;

  private final Instance<SearchRunner> runner;
  private final MeasurementSource measurements;
  private final MachineGate gate;
  private final LeaseDesk desk;
  private final ArtifactFiles files;
  private final WorkFolders folders;
  private final SearchEvents events;
  private final Inputs inputs;
  private final Instance<Compressions> compressions;
  private final InstantSource clock;
  private final RunOwnership ownership;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("run-ownership").unstarted(task));
  private final Thread thread = Thread.ofPlatform().name("search").unstarted(this::work);
  private boolean stopping;
  private @Nullable ActiveRun active;

  SearchWorker(
      Instance<SearchRunner> runner,
      MeasurementSource measurements,
      MachineGate gate,
      LeaseDesk desk,
      ArtifactFiles files,
      WorkFolders folders,
      SearchEvents events,
      Inputs inputs,
      Instance<Compressions> compressions,
      InstantSource clock,
      RunOwnership ownership) {
    this.runner = runner;
    this.measurements = measurements;
    this.gate = gate;
    this.desk = desk;
    this.files = files;
    this.folders = folders;
    this.events = events;
    this.inputs = inputs;
    this.compressions = compressions;
    this.clock = clock;
    this.ownership = ownership;
  }

  void start(@Observes @Priority(5000) StartupEvent event) {
    folders.keepOnly(
        Set.copyOf(
            Transactions.call(
                () ->
                    SearchRow.<SearchRow>list(
                            "state not in ?1", List.of(SearchState.FINISHED, SearchState.CANCELLED))
                        .stream()
                        .map(SearchRow::number)
                        .toList())));
    thread.start();
    var unused =
        watch.scheduleWithFixedDelay(
            this::watchOwnership, LOOK_AGAIN_MILLIS, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
  }

  void stop(@Observes @Priority(10) ShutdownEvent event) throws InterruptedException {
    synchronized (this) {
      stopping = true;
      if (active != null) {
        active.stop(RunStopped.Reason.SHUTDOWN);
      }
      notifyAll();
    }
    watch.shutdownNow();
    if (!thread.join(STOP_LIMIT)) {
      LOG.warn("the search at work did not stop in time; it goes on from its last record");
    }
    ownership.release();
  }

  /** Looks into the queue. */
  synchronized void wake() {
    notifyAll();
  }

  /** Asks a search to stop, if it is the one at work. */
  synchronized void stop(long searchId, RunStopped.Reason reason) {
    if (active != null && active.searchId() == searchId) {
      active.stop(reason);
    }
    notifyAll();
  }

  private void work() {
    while (true) {
      Optional<ActiveRun> run = Optional.empty();
      try {
        run = next();
        if (run.isEmpty()) {
          return;
        }
        carryOut(run.get());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException | Error e) {
        // An Error, too: whatever one run does, the queue goes on.
        LOG.error("the search worker goes on after a failure", e);
      } finally {
        done();
      }
    }
  }

  /** The next search to carry out, waiting for one; empty when the service stops. */
  private Optional<ActiveRun> next() throws InterruptedException {
    while (true) {
      // Not within the monitor: whoever stops the service must not wait for the database.
      Optional<Long> id = isStopping() ? Optional.empty() : takeIfOwner();
      synchronized (this) {
        if (stopping) {
          return Optional.empty();
        }
        if (id.isPresent()) {
          active = new ActiveRun(id.get(), gate);
          return Optional.of(active);
        }
        wait(LOOK_AGAIN_MILLIS);
      }
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private Optional<Long> takeIfOwner() {
    try {
      return ownership.isHeld() ? take() : Optional.empty();
    } catch (RuntimeException e) {
      if (!Transactions.isConnectionLoss(e)) {
        throw e;
      }
      LOG.warnf("the database cannot be reached, the queue waits: %s", e.getMessage());
      return Optional.empty();
    }
  }

  /** Lets go of the run at work when another service has taken the runs over. */
  private void watchOwnership() {
    try {
      if (!ownership.isHeld()) {
        synchronized (this) {
          if (active != null) {
            LOG.warn("another service carries out runs now; the one at work here is let go");
            active.stop(RunStopped.Reason.SHUTDOWN);
          }
        }
      }
    } catch (RuntimeException | Error e) {
      LOG.warnf("it cannot be told who carries out runs: %s", e.getMessage());
    }
  }

  /** Whether the worker lives. */
  boolean isAlive() {
    return thread.isAlive();
  }

  private synchronized void done() {
    active = null;
  }

  private Optional<Long> take() {
    return Transactions.call(
        () -> {
          while (true) {
            SearchRow.update(
                "state = ?1 where state = ?2", SearchState.PAUSED, SearchState.PAUSING);
            Optional<SearchRow> row =
                first(SearchState.RUNNING).or(this::waited).or(() -> first(SearchState.QUEUED));
            if (row.isEmpty() || begin(row.get())) {
              return row.map(SearchRow::number);
            }
          }
        });
  }

  /** Begins a run, or sets it aside if it ended the service again and again. */
  private boolean begin(SearchRow search) {
    if (search.fraction > search.furthest) {
      search.furthest = search.fraction;
      search.starts = 0;
    }
    if (search.isOfOlderPipeline() || search.starts >= MOST_STARTS) {
      search.state = SearchState.FAILED;
      search.finishedAt = clock.instant();
      search.error =
          search.isOfOlderPipeline()
              ? "An older version of Lathe began this run, and this one cannot go on with it. Maybe launch it again."
              : "The service ended %d times while it worked on this, each time before it came further, so it is set aside. Maybe the log tells why; resume it when the cause is gone."
                  .formatted(search.starts);
      SearchRow.flush();
      return false;
    }
    search.starts++;
    search.waitsForDeviceId = null;
    search.state = SearchState.RUNNING;
    if (search.startedAt == null) {
      search.startedAt = clock.instant();
      search.pipeline = SearchRow.PIPELINE;
    }
    return true;
  }

  private static Optional<SearchRow> first(SearchState state) {
    return SearchRow.<SearchRow>find("state = ?1 and kind != ?2 order by id", state, RunKind.STUDY)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .page(0, 1)
        .firstResultOptional();
  }

  private void carryOut(ActiveRun run) {
    long id = run.searchId();
    RunProgress progress = new RunProgress(events);
    SearchRow row = publish(id);
    if (row.state == SearchState.PAUSING) {
      run.stop(RunStopped.Reason.PAUSED); // before it was known to be at work
    } else if (row.state != SearchState.RUNNING) {
      return;
    }
    try {
      gate.work(run::checkStop);
      run(run, row, progress);
      progress.store(id);
      end(id, SearchState.FINISHED, Optional.empty());
      folders.delete(id);
    } catch (RunStopped e) {
      progress.store(id);
      switch (e.reason()) {
        case PAUSED -> end(id, SearchState.PAUSED, Optional.empty());
        case CANCELLED -> {
          desk.cancelJobsOf(id); // those that it wrote when it had not heard of it
          folders.delete(id);
        }
        case SHUTDOWN -> goesOnAtNextStart(id);
      }
    } catch (DeviceAway away) {
      progress.store(id);
      await(id, away);
    } catch (Exception | Error e) {
      progress.store(id);
      if (isStopping() || processEnds()) {
        takeNoMore();
        goesOnAtNextStart(id); // what it used went before it: ONNX Runtime, the agent
        return;
      }
      LOG.errorf(e, "search %d failed", id);
      end(id, SearchState.FAILED, Optional.of(inputs.withoutPlaces(message(e))));
    } finally {
      gate.rest();
    }
  }

  /** The process may be ending before this bean hears of it: the run would be taken once more. */
  private synchronized void takeNoMore() {
    stopping = true;
  }

  private static void goesOnAtNextStart(long id) {
    LOG.infof("search %d goes on at the next start", id);
    notCounted(id);
  }

  /** Whether this process is ending: shutdown hooks run side by side, in no order. */
  private static boolean processEnds() {
    Thread hook = Thread.ofPlatform().unstarted(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true;
    }
  }

  /** Lets others go on until the device is there. */
  private void await(long id, DeviceAway away) {
    Transactions.runPatiently(
        () -> {
          SearchRow row = SearchRow.findById(id, LockModeType.PESSIMISTIC_WRITE);
          if (row.state == SearchState.RUNNING || row.state == SearchState.PAUSING) {
            row.state = row.state == SearchState.RUNNING ? SearchState.WAITING : SearchState.PAUSED;
            row.waitsForDeviceId = away.deviceId();
            row.message = String.valueOf(away.getMessage());
            row.starts = 0;
          }
        });
    var unused = publish(id);
  }

  /** Runs whose device is there again come before those that have not begun. */
  private Optional<SearchRow> waited() {
    return SearchRow.<SearchRow>find(
            "state = ?1 and waitsForDeviceId in (select id from DeviceRow where health = ?2 and lastSeenAt > ?3) order by id",
            SearchState.WAITING,
            Health.GOOD,
            clock.instant().minus(Devices.PRESENCE))
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .page(0, 1)
        .firstResultOptional();
  }

  /** A start that ended in order is no attempt that failed. */
  private static void notCounted(long id) {
    try {
      Transactions.run(() -> SearchRow.update("starts = 0 where id = ?1", id));
    } catch (RuntimeException e) {
      LOG.warnf("search %d: %s", id, e.getMessage());
    }
  }

  private void run(ActiveRun run, SearchRow row, RunProgress progress) throws IOException {
    if (runner.isUnsatisfied()) {
      throw new IllegalStateException("this service carries out no searches.");
    }
    SearchRequest asked = RequestJson.read(row.request);
    new Pins(row.inputs).requireSame(inputs.pins(asked));
    SearchRequest request = inputs.resolve(asked);
    RunStore store =
        new DatabaseRunStore(run.searchId(), asked.data(), files, clock, progress, run::checkWrite);
    Measurements measured =
        measurements.of(
            new FarmMeasurements.Request(run.searchId(), request.devices(), request.replay()),
            run::checkStop);
    Path folder = folders.of(run.searchId());
    switch (row.kind) {
      case SEARCH -> runner.get().run(request, store, measured, run, folder);
      case CALIBRATION -> runner.get().calibrate(request, store, measured, run, folder);
      case COMPRESSION ->
          runner.get().compress(compressions.get().request(request), store, measured, run);
      case STUDY -> throw new IllegalStateException("a study is carried out by those who ask it.");
    }
  }

  /** Ends a search that nobody ended meanwhile. */
  private void end(long id, SearchState state, Optional<String> error) {
    Transactions.runPatiently(
        () -> {
          SearchRow row = SearchRow.findById(id, LockModeType.PESSIMISTIC_WRITE);
          if (!List.of(SearchState.RUNNING, SearchState.PAUSING).contains(row.state)) {
            return;
          }
          row.state = state;
          row.error = error.orElse(null);
          if (state.isLast()) {
            row.finishedAt = clock.instant();
          }
          if (state == SearchState.FINISHED) {
            row.stage = "finished";
            row.fraction = 1;
            row.message = row.kind.finished();
          }
        });
    var unused = publish(id);
  }

  private SearchRow publish(long id) {
    SearchRow row = Transactions.callPatiently(() -> SearchRow.findById(id));
    events.publish(id, "state", row);
    return row;
  }

  private static String message(Throwable failure) {
    String text = failure.getMessage();
    return text == null || text.isBlank() ? failure.toString() : text;
  }
}
