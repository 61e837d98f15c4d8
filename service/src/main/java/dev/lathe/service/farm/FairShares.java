package dev.lathe.service.farm;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whose turn it is on a device: searches that wait for the same device take turns, one job each,
 * and whoever was served longest ago goes first. A new search goes before all that were served
 * already.
 */
final class FairShares {
  private final Map<Long, Map<Long, Long>> turns = new HashMap<>();
  private long turn;

  /** The search whose turn it is; empty if none waits. */
  synchronized Optional<Long> next(long deviceId, Collection<Long> waiting) {
    Map<Long, Long> served = turns.getOrDefault(deviceId, Map.of());
    return waiting.stream()
        .min(
            Comparator.<Long>comparingLong(search -> served.getOrDefault(search, 0L))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * Notes that a job of a search was given to a device; searches that no longer wait are forgotten.
   */
  synchronized void served(long deviceId, long searchId, Collection<Long> waiting) {
    Map<Long, Long> served = turns.computeIfAbsent(deviceId, id -> new HashMap<>());
    served.keySet().retainAll(waiting);
    served.put(searchId, ++turn);
  }
}
