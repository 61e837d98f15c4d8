package dev.lathe.service.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.SearchRunner;
import dev.lathe.service.farm.LeaseDesk;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What users do with searches: launch, look, pause, resume, cancel. */
@ApplicationScoped
public class Searches {
  private final Instance<SearchRunner> runner;
  private final Inputs inputs;
  private final SearchWorker worker;
  private final SearchEvents events;
  private final LeaseDesk desk;
  private final InstantSource clock;
  private final ObjectMapper json;

  Searches(
      Instance<SearchRunner> runner,
      Inputs inputs,
      SearchWorker worker,
      SearchEvents events,
      LeaseDesk desk,
      InstantSource clock,
      ObjectMapper json) {
    this.runner = runner;
    this.inputs = inputs;
    this.worker = worker;
    this.events = events;
    this.desk = desk;
    this.clock = clock;
    this.json = json;
  }

  /** A launch under an idempotency key that was used for another one. */
  public static final class KeyReused extends RuntimeException {
    private static final long serialVersionUID = 1;

    KeyReused(String key) {
      super("idempotency key '%s' belongs to another request. Maybe use a new one.".formatted(key));
    }
  }

  /**
   * Launches a search.
   *
   * @param idempotencyKey under which the same launch, sent again, gives the same search
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRow launch(SearchSubmission submission, Optional<String> idempotencyKey) {
    return launch(submission, idempotencyKey, RunKind.SEARCH);
  }

  /**
   * Launches a run of any kind.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  SearchRow launch(SearchSubmission submission, Optional<String> idempotencyKey, RunKind kind) {
    String request = write(submission);
    String sha256 = ArtifactFiles.sha256(request.getBytes(StandardCharsets.UTF_8));
    Optional<SearchRow> earlier = idempotencyKey.flatMap(key -> launched(key, sha256));
    if (earlier.isPresent()) {
      return earlier.get();
    }
    if (!runner.isUnsatisfied() && kind != RunKind.COMPRESSION) {
      runner.get().check(inputs.request(submission));
    }
    submission
        .replayOf()
        .ifPresent(
            of -> {
              if (find(of).isEmpty()) {
                throw new InvalidSearch("replay", "there is no search %d.".formatted(of));
              }
            });
    SearchRow row =
        Transactions.call(
            () -> {
              // Two launches under one key at the same time: the second waits here for the first.
              idempotencyKey.ifPresent(
                  key ->
                      SearchRow.getEntityManager()
                          .createNativeQuery(
                              "select 1 from (select pg_advisory_xact_lock(hashtext(?1))) l")
                          .setParameter(1, key)
                          .getResultList());
              return idempotencyKey
                  .flatMap(key -> earlier(key, sha256))
                  .orElseGet(() -> persist(submission, request, sha256, idempotencyKey, kind));
            });
    worker.wake();
    return row;
  }

  private Optional<SearchRow> launched(String key, String sha256) {
    return Transactions.call(() -> earlier(key, sha256));
  }

  /**
   * As {@link #launched}, within the caller's transaction: a second one would need a connection.
   */
  private static Optional<SearchRow> earlier(String key, String sha256) {
    Optional<SearchRow> row =
        SearchRow.<SearchRow>find("idempotencyKey", key).firstResultOptional();
    if (row.isPresent() && !row.get().requestSha256.equals(sha256)) {
      throw new KeyReused(key);
    }
    return row;
  }

  private SearchRow persist(
      SearchSubmission submission,
      String request,
      String sha256,
      Optional<String> key,
      RunKind kind) {
    SearchRow row = new SearchRow();
    row.kind = kind;
    row.name = submission.title();
    row.state = SearchState.QUEUED;
    row.stage = "queued";
    row.message = "waits for its turn";
    row.request = request;
    row.requestSha256 = sha256;
    row.idempotencyKey = key.orElse(null);
    row.createdAt = clock.instant();
    row.persist();
    return row;
  }

  /** A search. */
  public Optional<SearchRow> find(long id) {
    return Transactions.call(() -> SearchRow.<SearchRow>findByIdOptional(id));
  }

  /** A page of searches, the newest first; {@code page} from 0. */
  public List<SearchRow> page(int page, int size) {
    return Transactions.call(
        () ->
            SearchRow.<SearchRow>find("kind = ?1 order by id desc", RunKind.SEARCH)
                .page(page, size)
                .list());
  }

  /** How many searches there are. */
  public long count() {
    return Transactions.call(() -> SearchRow.count("kind", RunKind.SEARCH));
  }

  /** Asks a search to stop until it is resumed. */
  public Optional<SearchRow> pause(long id) {
    Optional<SearchRow> row =
        change(
            id,
            search -> {
              switch (search.state) {
                case QUEUED, WAITING -> search.state = SearchState.PAUSED;
                case RUNNING -> search.state = SearchState.PAUSING;
                case PAUSING, PAUSED -> {}
                case FINISHED, FAILED, CANCELLED -> throw wrongState(search, "paused");
              }
            });
    row.filter(search -> search.state == SearchState.PAUSING)
        .ifPresent(search -> worker.stop(id, RunStopped.Reason.PAUSED));
    return row;
  }

  /** Puts a paused or failed search back into the queue; it goes on from what it recorded. */
  public Optional<SearchRow> resume(long id) {
    Optional<SearchRow> row =
        change(
            id,
            search -> {
              if (search.isOfOlderPipeline()) {
                throw new IllegalStateException(
                    "search %d was begun by an older version of Lathe, which this one cannot go on with. Maybe launch it again."
                        .formatted(id));
              }
              switch (search.state) {
                case PAUSED, FAILED, WAITING -> {
                  search.starts = 0;
                  search.state = SearchState.QUEUED;
                  search.error = null;
                  search.finishedAt = null;
                }
                case QUEUED, RUNNING -> {}
                case PAUSING, FINISHED, CANCELLED -> throw wrongState(search, "resumed");
              }
            });
    worker.wake();
    return row;
  }

  /** Ends a search for good. */
  public Optional<SearchRow> cancel(long id) {
    Optional<SearchRow> row =
        change(
            id,
            search -> {
              switch (search.state) {
                case QUEUED, RUNNING, WAITING, PAUSING, PAUSED, FAILED -> {
                  search.state = SearchState.CANCELLED;
                  search.finishedAt = clock.instant();
                }
                case CANCELLED -> {}
                case FINISHED -> throw wrongState(search, "cancelled");
              }
            });
    if (row.isPresent()) {
      worker.stop(id, RunStopped.Reason.CANCELLED);
      desk.cancelJobsOf(id);
    }
    return row;
  }

  /**
   * Removes a search that is over, with all that it made. Its files go with the next sweep (see
   * {@link OrphanSweep}), unless others have them as well.
   *
   * @return whether there was one
   */
  public boolean remove(long id) {
    return Transactions.call(
        () -> {
          SearchRow search = SearchRow.findById(id, LockModeType.PESSIMISTIC_WRITE);
          if (search == null) {
            return false;
          }
          if (!search.state.isLast()) {
            throw wrongState(search, "deleted before it is cancelled");
          }
          // By one statement: what hangs on the row goes with it in the database.
          return SearchRow.delete("id", id) > 0;
        });
  }

  private interface Change {
    void apply(SearchRow search);
  }

  private Optional<SearchRow> change(long id, Change change) {
    Optional<SearchRow> row =
        Transactions.call(
            () -> {
              Optional<SearchRow> search =
                  Optional.ofNullable(SearchRow.findById(id, LockModeType.PESSIMISTIC_WRITE));
              search.ifPresent(change::apply);
              search
                  .filter(changed -> changed.state != SearchState.WAITING)
                  .ifPresent(changed -> changed.waitsForDeviceId = null);
              return search;
            });
    row.ifPresent(search -> events.publish(id, "state", search));
    return row;
  }

  private static IllegalStateException wrongState(SearchRow search, String wanted) {
    return new IllegalStateException(
        "search %d is %s, it cannot be %s."
            .formatted(
                search.number(), search.state.name().toLowerCase(java.util.Locale.ROOT), wanted));
  }

  private String write(SearchSubmission submission) {
    try {
      return json.writeValueAsString(submission);
    } catch (JsonProcessingException e) {
      throw new InvalidSearch(
          "settings", "the request cannot be written as JSON: " + e.getMessage());
    }
  }
}
