package dev.lathe.service.search;

import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * What happens to searches, for those who watch. The newest events are kept for a while after the
 * last watcher left, so that who comes back misses nothing; who comes later asks the API.
 */
@ApplicationScoped
public class SearchEvents {
  /** Type of what is sent now and then so that a connection is known to live. */
  public static final String HEARTBEAT = "heartbeat";

  private static final int BUFFERED = 8192;
  private static final int KEPT = 1024;
  private static final long KEPT_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long HEARTBEAT_SECONDS = 15;

  /** Ids of another life of the service mean nothing in this one. */
  private final String life = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

  private final Map<Long, Channel> channels = new ConcurrentHashMap<>();

  /**
   * Something happened.
   *
   * @param id by which a watcher who comes back tells what it heard last
   * @param type {@code state}, {@code progress}, {@code candidate}, {@code front} or {@link
   *     #HEARTBEAT}
   * @param data becomes JSON
   */
  public record Event(String id, String type, Object data) {
    /** Whether nothing can come after it. */
    boolean isLast() {
      return data instanceof SearchRow row && isOver(row.state);
    }
  }

  /** Whether a search in this state never leaves it; a failed one can be resumed. */
  public static boolean isOver(SearchState state) {
    return state == SearchState.FINISHED || state == SearchState.CANCELLED;
  }

  private final class Channel {
    private final Deque<Event> recent = new ArrayDeque<>();
    private final Set<MultiEmitter<? super Event>> watchers = new HashSet<>();
    private long count;
    private long leftAt = System.nanoTime();

    synchronized boolean isWatched() {
      return !watchers.isEmpty() || System.nanoTime() - leftAt < KEPT_NANOS;
    }

    /** What came after an event; nothing but where things stand if that is not known any more. */
    synchronized void add(MultiEmitter<? super Event> watcher, String lastId, Object current) {
      List<Event> all = List.copyOf(recent);
      int heard = all.stream().map(Event::id).toList().indexOf(lastId);
      if (heard >= 0) {
        all.subList(heard + 1, all.size()).forEach(watcher::emit);
      } else {
        Event state = new Event(id(), "state", current);
        recent.addLast(state);
        watcher.emit(state);
      }
      watchers.add(watcher);
    }

    synchronized void remove(MultiEmitter<? super Event> watcher) {
      watchers.remove(watcher);
      leftAt = System.nanoTime();
    }

    synchronized void publish(String type, Object data) {
      Event event = new Event(id(), type, data);
      if (isWatched()) {
        recent.addLast(event);
        if (recent.size() > KEPT) {
          recent.removeFirst();
        }
      }
      for (MultiEmitter<? super Event> watcher : List.copyOf(watchers)) {
        watcher.emit(event);
        if (event.isLast()) {
          watcher.complete();
        }
      }
    }

    synchronized void beat() {
      Event event = new Event("", HEARTBEAT, "");
      watchers.removeIf(MultiEmitter::isCancelled); // those that left while they came
      List.copyOf(watchers).forEach(watcher -> watcher.emit(event));
    }

    private String id() {
      return life + "-" + ++count;
    }
  }

  void start(@Observes StartupEvent event) {
    var unused =
        Infrastructure.getDefaultWorkerPool()
            .scheduleAtFixedRate(
                this::beat, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
  }

  private void beat() {
    channels.values().forEach(Channel::beat);
    channels.values().removeIf(channel -> !channel.isWatched());
  }

  /**
   * The events of a search after the one with {@code lastId}, or if that is not known any more
   * first where it stands. It ends after the last state. Who is too slow is cut off.
   *
   * @param current data of the event that tells where the search stands
   */
  public Multi<Event> of(long searchId, String lastId, Object current) {
    return Multi.createFrom()
        .<Event>emitter(
            emitter -> {
              Channel channel = channels.computeIfAbsent(searchId, id -> new Channel());
              emitter.onTermination(() -> channel.remove(emitter));
              channel.add(emitter, lastId, current);
            },
            BUFFERED);
  }

  /** Whether someone watches the search, or did a moment ago. */
  boolean isWatched(long searchId) {
    Channel channel = channels.get(searchId);
    return channel != null && channel.isWatched();
  }

  /** Tells the watchers of a search. */
  void publish(long searchId, String type, Object data) {
    Channel channel = channels.get(searchId);
    if (channel != null) {
      channel.publish(type, data);
    }
  }
}
