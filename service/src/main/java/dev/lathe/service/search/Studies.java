package dev.lathe.service.search;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.evolution.SearchState.Trial;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.stages.HypervolumeHistory;
import dev.lathe.runs.study.Study;
import dev.lathe.runs.study.StudySpaces;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.StudyTrials;
import dev.lathe.service.store.SuggestionRow;
import dev.lathe.service.store.Transactions;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Studies: searches whose architectures a user's own trainers evaluate, many at a time. A
 * suggestion is leased to a client; asked again, the client gets what it did not tell yet; what
 * nobody tells in time goes to whoever asks next.
 */
@ApplicationScoped
public class Studies {
  private static final int FIRST_BATCH = 10;
  private static final int MOST = 100;
  private static final Duration LEASE = Duration.ofMinutes(30);

  private final Searches searches;
  private final TableShelf tables;
  private final ArtifactFiles files;
  private final SearchEvents events;
  private final InstantSource clock;
  private final Map<Long, Held> held = new ConcurrentHashMap<>();

  Studies(
      Searches searches,
      TableShelf tables,
      ArtifactFiles files,
      SearchEvents events,
      InstantSource clock) {
    this.searches = searches;
    this.tables = tables;
    this.files = files;
    this.events = events;
    this.clock = clock;
  }

  /** A study in memory; who holds its monitor may ask and tell it. */
  private static final class Held {
    final SearchSpace space;
    final Duration lease;
    final RunStore store;
    final Study study;
    final HypervolumeHistory history;
    int trials;

    Held(
        SearchSpace space,
        Duration lease,
        RunStore store,
        Study study,
        HypervolumeHistory history,
        int trials) {
      this.space = space;
      this.lease = lease;
      this.store = store;
      this.study = study;
      this.history = history;
      this.trials = trials;
    }
  }

  /** A suggestion with its choices by gene name. */
  public record Suggestion(SuggestionRow row, Map<String, String> architecture) {}

  /**
   * Begins a study.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRow begin(SearchRequest request, Optional<String> key) {
    SearchSpace space = StudySpaces.of(request, tables);
    if (request.objectives().isEmpty()) {
      throw new InvalidSearch(
          "objectives", "a study needs objectives. Maybe [{\"maximize\": \"accuracy\"}].");
    }
    lease(request);
    Study unused = Study.of(request, space, List.of());
    return searches.launch(request, key, RunKind.STUDY);
  }

  private static Duration lease(SearchRequest request) {
    Object seconds = request.settings().get("leaseSeconds");
    if (seconds == null) {
      return LEASE;
    }
    if (!(seconds instanceof Integer whole) || whole < 1 || whole > 30 * 86_400) {
      throw new InvalidSearch(
          "settings.leaseSeconds",
          "leaseSeconds is %s; it must be a whole number from 1 to 2592000.".formatted(seconds));
    }
    return Duration.ofSeconds(whole);
  }

  /** A study. */
  public Optional<SearchRow> find(long id) {
    return searches.find(id).filter(row -> row.kind == RunKind.STUDY);
  }

  /**
   * Architectures for a client to evaluate: those that it has and did not tell, then those that
   * others left, then new ones.
   *
   * @return fewer only if the space has no more
   */
  public List<Suggestion> suggest(SearchRow row, String client, int count) {
    requireRunning(row);
    if (client == null || client.isBlank() || client.length() > 200) {
      throw new InvalidSearch("client", "a client needs an id of 1 to 200 characters.");
    }
    if (count < 1 || count > MOST) {
      throw new InvalidSearch("count", "count is %d, must be 1 to %d.".formatted(count, MOST));
    }
    long id = row.number();
    Held study = held(row);
    synchronized (study) {
      return guarded(id, () -> Transactions.call(() -> leased(id, study, client, count)));
    }
  }

  private List<Suggestion> leased(long id, Held study, String client, int count) {
    StudyTrials trials = new StudyTrials(id);
    Instant now = clock.instant();
    Instant until = now.plus(study.lease);
    List<SuggestionRow> rows = new ArrayList<>(trials.openOf(client));
    if (rows.size() < count) {
      for (SuggestionRow left : trials.abandoned(now)) {
        if (rows.size() < count && !rows.contains(left)) {
          rows.add(left);
        }
      }
    }
    if (rows.size() > count) {
      rows = rows.subList(0, count);
    }
    for (SuggestionRow one : rows) {
      one.client = client;
      one.leaseUntil = until;
    }
    List<SuggestionRow> all = new ArrayList<>(rows);
    if (rows.size() < count) {
      for (Architecture fresh : study.study.ask(count - rows.size())) {
        all.add(trials.add(study.trials++, client, fresh, until));
      }
    }
    return all.stream()
        .map(one -> new Suggestion(one, study.space.describe(Architecture.of(one.choices))))
        .toList();
  }

  /**
   * Takes a result: of a suggestion, or of an architecture that was not asked for. The same result
   * again changes nothing.
   *
   * @param result {@code {"suggestion": ID}} or {@code {"architecture": {GENE: CHOICE}}}, with
   *     {@code "figures": {METRIC: VALUE}} or {@code "failure": TEXT}
   * @throws IllegalStateException if another result is there
   */
  public EvaluatedCandidate tell(SearchRow row, JsonNode result) {
    requireRunning(row);
    if (!result.isObject()) {
      throw new InvalidSearch(
          "result", "a result must be a JSON object, not %s.".formatted(result));
    }
    long id = row.number();
    Held study = held(row);
    String sha256 =
        ArtifactFiles.sha256(
            (result.path("figures") + "|" + result.path("failure"))
                .getBytes(StandardCharsets.UTF_8));
    synchronized (study) {
      Optional<SuggestionRow> asked = asked(id, result);
      if (asked.isPresent() && asked.get().candidateId != null) {
        return repeated(id, asked.get(), sha256);
      }
      Architecture architecture =
          asked
              .map(one -> Architecture.of(one.choices))
              .orElseGet(() -> parsed(study.space, result.path("architecture")));
      return guarded(id, () -> told(id, study, asked, architecture, result, sha256));
    }
  }

  private Optional<SuggestionRow> asked(long id, JsonNode result) {
    if (!result.has("suggestion")) {
      return Optional.empty();
    }
    String wanted = result.path("suggestion").asText();
    return Optional.of(
        Transactions.call(
            () ->
                Optional.of(wanted)
                    .filter(text -> text.matches("[0-9]{1,18}"))
                    .flatMap(
                        text -> SuggestionRow.<SuggestionRow>findByIdOptional(Long.valueOf(text)))
                    .filter(one -> one.searchId == id)
                    .orElseThrow(
                        () ->
                            new InvalidSearch(
                                "suggestion",
                                "study %d made no suggestion '%s'.".formatted(id, wanted)))));
  }

  private static EvaluatedCandidate repeated(long id, SuggestionRow row, String sha256) {
    if (!sha256.equals(row.resultSha256)) {
      throw new IllegalStateException(
          "suggestion %d already has another result.".formatted(row.number()));
    }
    return Transactions.call(
        () -> EvaluatedCandidate.byId(id, List.of(row.candidateId)).get(row.candidateId));
  }

  private EvaluatedCandidate told(
      long id,
      Held study,
      Optional<SuggestionRow> asked,
      Architecture architecture,
      JsonNode result,
      String sha256) {
    CandidateRecord candidate;
    try {
      candidate =
          result.has("failure")
              ? study.study.fail(architecture, result.path("failure").asText())
              : study.study.tell(architecture, figures(result.path("figures")));
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("architecture", e.getMessage());
    }
    CandidateRecord noted = study.history.noted(List.of(candidate)).getFirst();
    Map<String, Integer> metrics = StudyTrials.metrics(noted);
    EvaluatedCandidate stored =
        Transactions.call(
            () -> {
              StudyTrials trials = new StudyTrials(id);
              SuggestionRow row =
                  asked
                      .map(one -> SuggestionRow.<SuggestionRow>findById(one.number()))
                      .orElseGet(
                          () -> trials.add(study.trials, "unasked", architecture, clock.instant()));
              SearchRow search = SearchRow.findById(id);
              search.message =
                  "%d on the front, %d suggestions open"
                      .formatted(study.history.front(), trials.open() - 1);
              return trials.result(row, noted, sha256, metrics, clock.instant());
            });
    if (asked.isEmpty()) {
      study.trials++;
    }
    events.publish(id, "candidate", stored);
    return stored;
  }

  private static Architecture parsed(SearchSpace space, JsonNode labels) {
    if (!labels.isObject()) {
      throw new InvalidSearch(
          "suggestion", "either 'suggestion' or 'architecture' must say what the result is of.");
    }
    Map<String, String> choices = new LinkedHashMap<>();
    labels.properties().forEach(one -> choices.put(one.getKey(), one.getValue().asText()));
    try {
      return space.parse(choices);
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("architecture", e.getMessage());
    }
  }

  private static Map<String, Figure> figures(JsonNode node) {
    if (!node.isObject() || node.isEmpty()) {
      throw new InvalidSearch(
          "figures", "figures must be an object of metrics, for example {\"accuracy\": 0.9}.");
    }
    Map<String, Figure> figures = new LinkedHashMap<>();
    node.properties()
        .forEach(
            one -> {
              JsonNode value = one.getValue();
              try {
                Metric metric = Metric.of(one.getKey());
                double exact = number(value.isObject() ? value.path("value") : value);
                figures.put(
                    metric.name(),
                    new Figure(
                        metric,
                        exact,
                        value.has("lower") ? number(value.path("lower")) : exact,
                        value.has("upper") ? number(value.path("upper")) : exact,
                        Figure.Source.MEASURED));
              } catch (IllegalArgumentException e) {
                throw new InvalidSearch("figures." + one.getKey(), e.getMessage());
              }
            });
    return figures;
  }

  private static double number(JsonNode node) {
    if (!node.isNumber()) {
      throw new IllegalArgumentException(
          "%s is no number. Maybe tell the result as a failure.".formatted(node));
    }
    return node.asDouble();
  }

  /** Ends a study: its front is what was told. */
  public SearchRow finish(SearchRow row) {
    requireRunning(row);
    long id = row.number();
    Held study = held(row);
    synchronized (study) {
      List<CandidateRecord> candidates = study.store.candidates();
      List<FrontMember> members = new ArrayList<>();
      List<EvaluatedCandidate> stored =
          Transactions.call(() -> EvaluatedCandidate.page(id, false, 0, Integer.MAX_VALUE));
      for (int i = 0; i < stored.size(); i++) {
        if (stored.get(i).row().nonDominated) {
          members.add(FrontMember.candidate(i, candidates.get(i).figures()));
        }
      }
      study.store.front(members);
      SearchRow ended =
          Transactions.call(
              () -> {
                SearchRow search = SearchRow.findById(id);
                search.state = SearchState.FINISHED;
                search.stage = "finished";
                search.fraction = 1;
                search.message = RunKind.STUDY.finished();
                search.finishedAt = clock.instant();
                return search;
              });
      held.remove(id);
      events.publish(id, "state", ended);
      return ended;
    }
  }

  private static void requireRunning(SearchRow row) {
    if (row.state != SearchState.RUNNING) {
      throw new IllegalStateException(
          "study %d is %s."
              .formatted(row.number(), row.state.name().toLowerCase(java.util.Locale.ROOT)));
    }
  }

  /** Forgets a study after a failure: what is stored is the truth, and is read again. */
  private <T> T guarded(long id, java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (InvalidSearch e) {
      throw e;
    } catch (RuntimeException e) {
      held.remove(id);
      throw e;
    }
  }

  private Held held(SearchRow row) {
    return held.computeIfAbsent(row.number(), _ -> read(row));
  }

  private Held read(SearchRow row) {
    SearchRequest request = RequestJson.read(row.request);
    SearchSpace space = StudySpaces.of(request, tables);
    List<StudyTrials.Stored> stored =
        Transactions.callPatiently(() -> new StudyTrials(row.number()).all());
    List<Trial> trials =
        stored.stream()
            .map(
                one ->
                    one.result()
                        .map(result -> Study.told(request, space, result))
                        .orElseGet(() -> new Trial.Pending(one.architecture())))
            .toList();
    RunStore store =
        new DatabaseRunStore(
            row.number(), request.data(), files, clock, new RunProgress(events), () -> {});
    return new Held(
        space,
        lease(request),
        store,
        Study.of(request, space, trials),
        new HypervolumeHistory(store, request.objectives().size(), FIRST_BATCH),
        trials.size());
  }
}
