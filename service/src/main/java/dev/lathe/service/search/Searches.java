package dev.lathe.service.search;

import dev.lathe.metric.Metric;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRunner;
import dev.lathe.service.farm.Devices;
import dev.lathe.service.farm.LeaseDesk;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import dev.lathe.service.store.WorkFolders;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.persistence.LockModeType;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What users do with searches: launch, look, pause, resume, cancel. */
@ApplicationScoped
public class Searches {
  /** What is listed as a search. */
  private static final List<RunKind> LISTED = List.of(RunKind.SEARCH, RunKind.STUDY);

  private static final List<SearchState> BUSY =
      List.of(SearchState.QUEUED, SearchState.RUNNING, SearchState.WAITING, SearchState.PAUSING);

  private final Instance<SearchRunner> runner;
  private final Inputs inputs;
  private final SearchWorker worker;
  private final SearchEvents events;
  private final LeaseDesk desk;
  private final Devices devices;
  private final WorkFolders folders;
  private final OrphanSweep orphans;
  private final InstantSource clock;

  Searches(
      Instance<SearchRunner> runner,
      Inputs inputs,
      SearchWorker worker,
      SearchEvents events,
      LeaseDesk desk,
      Devices devices,
      WorkFolders folders,
      OrphanSweep orphans,
      InstantSource clock) {
    this.runner = runner;
    this.inputs = inputs;
    this.worker = worker;
    this.events = events;
    this.desk = desk;
    this.clock = clock;
    this.devices = devices;
    this.folders = folders;
    this.orphans = orphans;
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
  public SearchRow launch(SearchRequest request, Optional<String> idempotencyKey) {
    return launch(request, idempotencyKey, RunKind.SEARCH);
  }

  /**
   * What would be carried out: the request with everything decided that does not depend on the
   * data.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRequest checked(SearchRequest request) {
    exists("replay", request.replay());
    if (request.warmStart().isPresent()) {
      throw new InvalidSearch(
          "warmStart",
          "warmStart is not carried out. Maybe take over that search's supernet (settings.initialWeights), its predictors (settings.reusePredictors) or its measurements (replay).");
    }
    if (runner.isUnsatisfied()) {
      return request;
    }
    SearchRequest filled = runner.get().filled(request, devices(request));
    runner.get().check(inputs.resolve(filled));
    if (!filled.ofTable()) {
      requireReported(filled);
    }
    return filled;
  }

  /** Refuses metrics that the device on which they are asked for does not report. */
  private void requireReported(SearchRequest request) {
    Map<String, Metric> asked = new LinkedHashMap<>();
    for (int i = 0; i < request.objectives().size(); i++) {
      asked.put("objectives[" + i + "]", request.objectives().get(i).metric());
    }
    for (int i = 0; i < request.constraints().size(); i++) {
      asked.put("constraints[" + i + "]", request.constraints().get(i).metric());
    }
    for (Map.Entry<String, Metric> entry : asked.entrySet()) {
      Metric metric = entry.getValue();
      // Percentiles and throughput follow from the samples of the latency.
      String told =
          metric.symbol().startsWith("latency") || metric.symbol().equals("throughput")
              ? "latency"
              : metric.symbol();
      metric
          .device()
          .flatMap(devices::find)
          .filter(device -> !device.metrics.isEmpty() && !device.metrics.contains(told))
          .ifPresent(
              device -> {
                throw new InvalidSearch(
                    entry.getKey(),
                    "device '%s' does not report %s, only %s. Maybe choose another device or metric."
                        .formatted(device.name, metric.symbol(), device.metrics));
              });
    }
  }

  /** The devices that a request means, as far as they are there. */
  private List<String> devices(SearchRequest request) {
    if (!runner.get().measures(request) || request.replay().isPresent()) {
      return request.devices();
    }
    for (String name : request.devices()) {
      DeviceRow device =
          devices
              .find(name)
              .orElseThrow(
                  () ->
                      new InvalidSearch(
                          "devices",
                          "there is no device '%s'. Maybe start its agent: lathe agent --server URL --key-file FILE --name %s"
                              .formatted(name, name)));
      if (!devices.isPresent(device)) {
        throw new InvalidSearch(
            "devices",
            "device '%s' is offline, its agent was last heard of at %s. Maybe start it again: lathe agent --server URL --key-file FILE --name %s"
                .formatted(name, device.lastSeenAt, name));
      }
    }
    if (!request.devices().isEmpty()) {
      return request.devices();
    }
    try {
      return Transactions.call(
          () -> devices.usual().map(device -> List.of(device.name)).orElse(List.of()));
    } catch (MeasurementException e) {
      throw new InvalidSearch("devices", e.getMessage());
    }
  }

  /**
   * Launches a run of any kind.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  SearchRow launch(SearchRequest request, Optional<String> idempotencyKey, RunKind kind) {
    String sha256 =
        ArtifactFiles.sha256(RequestJson.write(request).getBytes(StandardCharsets.UTF_8));
    Optional<SearchRow> earlier = idempotencyKey.flatMap(key -> launched(key, sha256));
    if (earlier.isPresent()) {
      return earlier.get();
    }
    SearchRequest filled =
        switch (kind) {
          case SEARCH -> checked(request);
          case CALIBRATION -> {
            if (!runner.isUnsatisfied()) {
              // What it leaves open is filled as when it is carried out: goals are asked for.
              runner.get().check(inputs.resolve(runner.get().filled(request, request.devices())));
            }
            yield request;
          }
          case COMPRESSION, STUDY -> request;
        };
    Pins pins = inputs.pins(filled);
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
                  .orElseGet(() -> persist(filled, pins, sha256, idempotencyKey, kind));
            });
    worker.wake();
    return row;
  }

  private void exists(String field, OptionalLong search) {
    if (search.isPresent() && find(search.getAsLong()).isEmpty()) {
      throw new InvalidSearch(field, "there is no search %d.".formatted(search.getAsLong()));
    }
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
      SearchRequest request, Pins pins, String sha256, Optional<String> key, RunKind kind) {
    SearchRow row = new SearchRow();
    row.kind = kind;
    row.name = request.title();
    boolean asked = kind == RunKind.STUDY;
    row.state = asked ? SearchState.RUNNING : SearchState.QUEUED;
    row.stage = asked ? "search" : "queued";
    row.message = asked ? "waits to be asked" : "waits for its turn";
    row.startedAt = asked ? clock.instant() : null;
    row.request = RequestJson.write(request);
    row.requestSha256 = sha256;
    row.inputs = pins.hashes();
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
            SearchRow.<SearchRow>find("kind in ?1 order by id desc", LISTED)
                .page(page, size)
                .list());
  }

  /** How many searches there are. */
  public long count() {
    return Transactions.call(() -> SearchRow.count("kind in ?1", LISTED));
  }

  /** Asks a search to stop until it is resumed. */
  public Optional<SearchRow> pause(long id) {
    Optional<SearchRow> row =
        change(
            id,
            search -> {
              switch (search.state) {
                case QUEUED, WAITING -> search.state = SearchState.PAUSED;
                case RUNNING -> {
                  if (search.kind == RunKind.STUDY) {
                    throw wrongState(search, "paused: it rests while nobody asks");
                  }
                  search.state = SearchState.PAUSING;
                }
                case PAUSING, PAUSED -> {}
                case FINISHED, FAILED, CANCELLED -> throw wrongState(search, "paused");
              }
            });
    row.filter(search -> search.state == SearchState.PAUSING)
        .ifPresent(search -> worker.stop(id, RunStopped.Reason.PAUSED));
    return row;
  }

  /**
   * Puts a paused or failed search back into the queue; it goes on from what it recorded.
   *
   * @throws IllegalStateException if it cannot, as after a change of what it was launched on
   */
  public Optional<SearchRow> resume(long id) {
    Optional<Pins> now = find(id).map(row -> inputs.pins(RequestJson.read(row.request)));
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
                  requireSame(search, now);
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

  private static void requireSame(SearchRow search, Optional<Pins> now) {
    try {
      now.ifPresent(new Pins(search.inputs)::requireSame);
    } catch (InvalidSearch e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
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
   * Removes a run that is over, with all that it made. Its files go with the next sweep (see {@link
   * OrphanSweep}), unless others have them as well.
   *
   * @return whether there was one
   */
  public boolean remove(long id) {
    boolean removed = removeRow(id);
    if (removed) {
      folders.delete(id); // of one that failed
      orphans.soon();
    }
    return removed;
  }

  private static boolean removeRow(long id) {
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

  /**
   * Deletes the content of a file, which goes with the next sweep unless others have it as well.
   *
   * @throws IllegalStateException unless its run is over for good
   */
  public void deleteContent(long artifactId) {
    Transactions.run(
        () -> {
          ArtifactRow file = ArtifactRow.findById(artifactId, LockModeType.PESSIMISTIC_WRITE);
          if (file == null || file.contentDeletedAt != null) {
            return;
          }
          SearchRow run = SearchRow.findById(file.searchId);
          if (!List.of(SearchState.FINISHED, SearchState.CANCELLED).contains(run.state)) {
            throw new IllegalStateException(
                "run %d is %s and may need its files. Maybe cancel it first."
                    .formatted(run.number(), run.state.name().toLowerCase(java.util.Locale.ROOT)));
          }
          file.contentDeletedAt = clock.instant();
        });
    orphans.soon();
  }

  /**
   * Fails while a run that is at work or waits for it names something, as {@code dataset:NAME}.
   *
   * @throws IllegalStateException naming the run
   */
  public void requireUnused(String what, String asNamed) {
    Transactions.call(
            () ->
                SearchRow.getEntityManager()
                    .createQuery(
                        "select s.id from SearchRow s where locate(?1, s.request) > 0 and s.state in ?2 order by s.id",
                        Long.class)
                    .setParameter(1, asNamed)
                    .setParameter(2, BUSY)
                    .setMaxResults(1)
                    .getResultList())
        .stream()
        .findFirst()
        .ifPresent(
            id -> {
              throw new IllegalStateException(
                  "run %d works on %s, or waits for its turn to. Maybe cancel or pause it first."
                      .formatted(id, what));
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
}
