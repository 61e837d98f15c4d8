package dev.lathe.service.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRunner;
import dev.lathe.service.farm.FarmMeasurements;
import dev.lathe.service.farm.LeaseDesk;
import dev.lathe.service.farm.MachineGate;
import dev.lathe.service.farm.MeasurementSource;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
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
  private final ObjectMapper json;
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
      ObjectMapper json) {
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
    this.json = json;
  }

  void start(@Observes @Priority(5000) StartupEvent event) {
    Transactions.run(
        () ->
            SearchRow.update(
                "state = ?1 where state = ?2", SearchState.PAUSED, SearchState.PAUSING));
    thread.start();
  }

  void stop(@Observes @Priority(10) ShutdownEvent event) throws InterruptedException {
    synchronized (this) {
      stopping = true;
      if (active != null) {
        active.stop(RunStopped.Reason.SHUTDOWN);
      }
      notifyAll();
    }
    if (!thread.join(STOP_LIMIT)) {
      LOG.warn("the search at work did not stop in time; it goes on from its last record");
    }
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
      } catch (RuntimeException e) {
        LOG.error("the search worker goes on after a failure", e);
      } finally {
        done();
      }
    }
  }

  /** The next search to carry out, waiting for one; empty when the service stops. */
  private synchronized Optional<ActiveRun> next() throws InterruptedException {
    while (!stopping) {
      Optional<Long> id = take();
      if (id.isPresent()) {
        active = new ActiveRun(id.get(), gate);
        return Optional.of(active);
      }
      wait(LOOK_AGAIN_MILLIS);
    }
    return Optional.empty();
  }

  private synchronized void done() {
    active = null;
  }

  private Optional<Long> take() {
    return Transactions.callPatiently(
        () -> {
          Optional<SearchRow> unfinished = first(SearchState.RUNNING);
          Optional<SearchRow> row = unfinished.or(() -> first(SearchState.QUEUED));
          row.ifPresent(
              search -> {
                search.state = SearchState.RUNNING;
                if (search.startedAt == null) {
                  search.startedAt = clock.instant();
                }
              });
          return row.map(SearchRow::number);
        });
  }

  private static Optional<SearchRow> first(SearchState state) {
    return SearchRow.<SearchRow>find("state = ?1 order by id", state)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .page(0, 1)
        .firstResultOptional();
  }

  private void carryOut(ActiveRun run) {
    long id = run.searchId();
    RunProgress progress = new RunProgress(events);
    SearchRow row = publish(id);
    try {
      gate.work(run::checkStop);
      run(run, row, progress);
      progress.store(id);
      end(id, SearchState.FINISHED, Optional.empty());
    } catch (RunStopped e) {
      progress.store(id);
      switch (e.reason()) {
        case PAUSED -> end(id, SearchState.PAUSED, Optional.empty());
        case CANCELLED -> {
          desk.cancelJobsOf(id); // those that it wrote when it had not heard of it
          folders.delete(id);
        }
        case SHUTDOWN -> LOG.infof("search %d goes on at the next start", id);
      }
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      LOG.errorf(e, "search %d failed", id);
      progress.store(id);
      end(id, SearchState.FAILED, Optional.of(inputs.withoutPlaces(message(e))));
    } finally {
      gate.rest();
    }
  }

  private void run(ActiveRun run, SearchRow row, RunProgress progress) throws IOException {
    SearchSubmission submission = submission(row);
    if (runner.isUnsatisfied()) {
      throw new IllegalStateException("this service carries out no searches.");
    }
    SearchRequest request = inputs.request(submission);
    RunStore store =
        new DatabaseRunStore(
            run.searchId(), submission.dataOrDefault(), files, clock, progress, run::checkWrite);
    Measurements measured =
        measurements.of(
            new FarmMeasurements.Request(
                run.searchId(), Optional.ofNullable(submission.device()), submission.replayOf()),
            run::checkStop);
    Path folder = folders.of(run.searchId());
    switch (row.kind) {
      case SEARCH -> runner.get().run(request, store, measured, run, folder);
      case CALIBRATION -> runner.get().calibrate(request, store, measured, run, folder);
      case COMPRESSION ->
          runner.get().compress(compressions.get().request(submission), store, measured, run);
    }
  }

  private SearchSubmission submission(SearchRow row) throws JsonProcessingException {
    return json.readValue(row.request, SearchSubmission.class);
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
