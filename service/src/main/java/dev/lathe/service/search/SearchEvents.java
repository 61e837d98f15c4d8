package dev.lathe.service.search;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What happens to searches, for those who watch. Nothing is kept: who comes later asks the API. */
@ApplicationScoped
public class SearchEvents {
  private static final int BUFFERED = 8192;

  private final Map<Long, Set<MultiEmitter<? super Event>>> watchers = new ConcurrentHashMap<>();

  /**
   * Something happened.
   *
   * @param type {@code state}, {@code progress}, {@code candidate} or {@code front}
   * @param data becomes JSON
   */
  public record Event(String type, Object data) {}

  /**
   * The events of a search from now on. Who is too slow is cut off, and should ask the API for
   * where things stand before watching again.
   */
  public Multi<Event> of(long searchId) {
    return Multi.createFrom()
        .<Event>emitter(
            emitter -> {
              Set<MultiEmitter<? super Event>> set =
                  watchers.computeIfAbsent(searchId, id -> ConcurrentHashMap.newKeySet());
              set.add(emitter);
              emitter.onTermination(() -> set.remove(emitter));
            },
            BUFFERED);
  }

  /** Whether someone watches the search. */
  boolean isWatched(long searchId) {
    return !watchers.getOrDefault(searchId, Set.of()).isEmpty();
  }

  /** Tells the watchers of a search. */
  void publish(long searchId, String type, Object data) {
    Event event = new Event(type, data);
    watchers.getOrDefault(searchId, Set.of()).forEach(watcher -> watcher.emit(event));
  }
}
