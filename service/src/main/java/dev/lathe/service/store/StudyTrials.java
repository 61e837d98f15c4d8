package dev.lathe.service.store;

import dev.lathe.runs.CandidateRecord;
import dev.lathe.space.Architecture;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The trials of a study in the order of asking; all within a transaction of the caller's. */
public record StudyTrials(long searchId) {
  /** A trial: what was asked, with its result if there is one. */
  public record Stored(SuggestionRow row, Optional<CandidateRecord> result) {
    /** What was asked. */
    public Architecture architecture() {
      return Architecture.of(row.choices);
    }
  }

  /** All trials. */
  public List<Stored> all() {
    Map<Long, CandidateRecord> results = new HashMap<>();
    Generations generations = new Generations(searchId);
    List<Long> ids = generations.ids();
    List<CandidateRecord> candidates = generations.candidates();
    for (int i = 0; i < ids.size(); i++) {
      results.put(ids.get(i), candidates.get(i));
    }
    List<Stored> trials = new ArrayList<>();
    for (SuggestionRow row : rows("searchId = ?1 order by number", searchId)) {
      trials.add(new Stored(row, Optional.ofNullable(results.get(row.candidateId))));
    }
    return trials;
  }

  /** Those that a client has and did not tell yet, the oldest first. */
  public List<SuggestionRow> openOf(String client) {
    return rows(
        "searchId = ?1 and client = ?2 and candidateId is null order by number", searchId, client);
  }

  /** Those whose lease is over. */
  public List<SuggestionRow> abandoned(Instant now) {
    return rows(
        "searchId = ?1 and candidateId is null and leaseUntil < ?2 order by number", searchId, now);
  }

  /** How many are open. */
  public long open() {
    return SuggestionRow.count("searchId = ?1 and candidateId is null", searchId);
  }

  /** Notes a new trial. */
  public SuggestionRow add(
      int number, String client, Architecture architecture, Instant leaseUntil) {
    SuggestionRow row = new SuggestionRow();
    row.searchId = searchId;
    row.number = number;
    row.client = client;
    row.choices = architecture.toArray();
    row.leaseUntil = leaseUntil;
    row.persistAndFlush();
    return row;
  }

  /**
   * Notes a result, as a generation of its own.
   *
   * @param metrics ids of all metrics of the candidate, from {@link #metrics}
   */
  public EvaluatedCandidate result(
      SuggestionRow row,
      CandidateRecord candidate,
      String sha256,
      Map<String, Integer> metrics,
      Instant now) {
    Generations generations = new Generations(searchId);
    int next = generations.last().map(state -> state.number() + 1).orElse(0);
    EvaluatedCandidate stored =
        generations.note(next, List.of(candidate), "{}", metrics, now).getFirst();
    row.resultSha256 = sha256;
    row.candidateId = stored.id();
    return stored;
  }

  /** The ids of metrics; outside of a transaction. */
  public static Map<String, Integer> metrics(CandidateRecord candidate) {
    return MetricRow.ids(candidate.figures().keySet());
  }

  private static List<SuggestionRow> rows(String query, Object... parameters) {
    return SuggestionRow.list(query, parameters);
  }
}
