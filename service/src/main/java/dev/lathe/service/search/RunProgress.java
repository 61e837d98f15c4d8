package dev.lathe.service.search;

import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.RunListener;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import java.util.List;

/**
 * How far the run at work is: told to watchers at most ten times a second, stored at most once a
 * second, but each new stage at once.
 */
final class RunProgress implements RunListener {
  private static final long TELL_NANOS = 100_000_000;
  private static final long STORE_NANOS = 1_000_000_000;

  private final SearchEvents events;
  private Progress latest = new Progress("", 0, "");
  private boolean stored = true;
  private long toldAt = System.nanoTime() - TELL_NANOS;
  private long storedAt = System.nanoTime() - STORE_NANOS;

  /**
   * Data of a {@code progress} event.
   *
   * @param fraction of the whole search, in [0, 1]
   */
  public record Progress(String stage, double fraction, String message) {}

  RunProgress(SearchEvents events) {
    this.events = events;
  }

  @Override
  public void candidates(long searchId, List<EvaluatedCandidate> candidates) {
    if (events.isWatched(searchId)) {
      candidates.forEach(candidate -> events.publish(searchId, "candidate", candidate));
    }
  }

  @Override
  public void front(long searchId) {
    events.publish(searchId, "front", searchId);
  }

  @Override
  public synchronized void progress(long searchId, String stage, double fraction, String message) {
    boolean fresh = !stage.equals(latest.stage);
    latest = new Progress(stage, fraction, message);
    stored = false;
    long now = System.nanoTime();
    if (fresh || now - toldAt >= TELL_NANOS) {
      toldAt = now;
      events.publish(searchId, "progress", latest);
    }
    if (fresh || now - storedAt >= STORE_NANOS) {
      store(searchId);
    }
  }

  /** Stores what has not been stored yet. */
  synchronized void store(long searchId) {
    if (stored) {
      return;
    }
    storedAt = System.nanoTime();
    stored = true;
    Transactions.runPatiently(
        () ->
            SearchRow.update(
                "stage = ?1, fraction = ?2, message = ?3 where id = ?4 and state in ?5",
                latest.stage,
                latest.fraction,
                latest.message,
                searchId,
                List.of(SearchState.RUNNING, SearchState.PAUSING)));
  }
}
